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

/** Data types of the sample, by their Zarr v3 names. */
export type NumberType = keyof typeof ARRAY_TYPES;
/** An array of one of these types. */
export type NumberArray = InstanceType<(typeof ARRAY_TYPES)[NumberType]>;

/** All data types of the sample. */
export const NUMBER_TYPES = Object.keys(ARRAY_TYPES) as readonly NumberType[];

/** An array of zeros. */
export function numberArray(dtype: NumberType, length: number): NumberArray {
  return new ARRAY_TYPES[dtype](length);
}

/** A function that converts an intensity (0 to 1) to a stored value, and the largest value of the data type. */
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
      // A camera of 12 bits, whatever the range of the data type.
      return { toValue: (light) => Math.round(Math.min(4095, 100 + 3600 * light)), max: 2 ** bits - 1 };
    }
  }
}

/** The bytes of numbers in a byte order, on a little-endian platform. */
export function toBytes(values: NumberArray, byteOrder: "<" | ">"): Uint8Array {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength).slice();
  if (byteOrder === ">") {
    const itemSize = values.BYTES_PER_ELEMENT;
    for (let i = 0; i < bytes.length; i += itemSize) bytes.subarray(i, i + itemSize).reverse();
  }
  return bytes;
}

/**
 * A generator of pseudo-random numbers from 0 to 1 (mulberry32). It uses integer arithmetic only: the bytes of the sample
 * must not depend on how an engine rounds `Math.sin`.
 */
export type Random = () => number;

/** A generator that depends on all seeds and their order. */
export function seededRandom(...seeds: readonly number[]): Random {
  let state = 0x9e3779b9;
  for (const seed of seeds) state = Math.imul(state ^ (seed + 0x7f4a7c15), 0x85ebca6b) ^ (state >>> 13);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** A number between two bounds. */
export function between(random: Random, low: number, high: number): number {
  return low + (high - low) * random();
}

/** An approximately normal number with mean 0 and standard deviation 1, never beyond ±3.5. */
export function bell(random: Random): number {
  return (random() + random() + random() + random() - 2) * Math.sqrt(3);
}

/** A smooth random field with values from 0 to 1: random numbers on a lattice of `cell` pixels, interpolated. */
export function smoothField(
  random: Random,
  { height, width, cell }: { height: number; width: number; cell: number },
): (y: number, x: number) => number {
  const columns = Math.ceil(width / cell) + 2;
  const rows = Math.ceil(height / cell) + 2;
  const lattice = Float64Array.from({ length: rows * columns }, random);
  const at = (row: number, column: number): number => lattice[row * columns + column] ?? 0;
  return (y, x) => {
    const row = Math.floor(y / cell);
    const column = Math.floor(x / cell);
    const v = ease(y / cell - row);
    const u = ease(x / cell - column);
    const top = at(row, column) * (1 - u) + at(row, column + 1) * u;
    const bottom = at(row + 1, column) * (1 - u) + at(row + 1, column + 1) * u;
    return top * (1 - v) + bottom * v;
  };
}

function ease(t: number): number {
  return t * t * (3 - 2 * t);
}
