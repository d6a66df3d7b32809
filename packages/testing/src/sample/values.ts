const ARRAY_TYPES = {
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  float32: Float32Array,
  float64: Float64Array,
} as const;

/** Number types of the sample, by their Zarr v3 names. */
export type NumberType = keyof typeof ARRAY_TYPES;
export type NumberArray = InstanceType<(typeof ARRAY_TYPES)[NumberType]>;

export const NUMBER_TYPES = Object.keys(ARRAY_TYPES) as readonly NumberType[];

/** An array of zeros. */
export function numberArray(dtype: NumberType, length: number): NumberArray {
  return new ARRAY_TYPES[dtype](length);
}

/** How an intensity from 0 to 1 is stored, and the largest number that the type holds. */
export function intensityScale(dtype: NumberType): { toValue(light: number): number; max: number } {
  switch (dtype) {
    case "float32":
    case "float64":
      return { toValue: (light) => light, max: 1 };
    case "int8":
      return { toValue: (light) => Math.round(Math.min(127, 4 + 110 * light)), max: 127 };
    case "uint8":
      return { toValue: (light) => Math.round(Math.min(255, 8 + 220 * light)), max: 255 };
    default: {
      const bits = Number(dtype.replace(/\D+/, "")) - (dtype.startsWith("i") ? 1 : 0);
      // A camera of 12 bits, whatever the file could hold.
      return { toValue: (light) => Math.round(Math.min(4095, 100 + 3600 * light)), max: 2 ** bits - 1 };
    }
  }
}

/** The bytes of numbers in the order of the platform (little endian everywhere we run) or turned round. */
export function toBytes(values: NumberArray, byteOrder: "<" | ">"): Uint8Array {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength).slice();
  if (byteOrder === ">") {
    const itemSize = values.BYTES_PER_ELEMENT;
    for (let i = 0; i < bytes.length; i += itemSize) bytes.subarray(i, i + itemSize).reverse();
  }
  return bytes;
}
