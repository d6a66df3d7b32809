import { guardedInteger } from "./json.js";

/** A parsed Zarr v2 dtype: `<u2` is `{ order: "<", kind: "u", itemSize: 2 }`. */
export interface DataTypeV2 {
  /** The byte order: `<` little, `>` big, `|` not relevant. */
  readonly order: "<" | ">" | "|";
  /** One letter, as in numpy: `u` for unsigned integers. */
  readonly kind: string;
  /** Bytes an element; 0 for objects (`|O`). */
  readonly itemSize: number;
}

/**
 * Parses a v2 dtype; undefined where it is not a string of that form (structured dtypes are lists). Without a byte order
 * it is that of nearly all machines, as numpy reads it.
 */
export function parseDataTypeV2(dtype: unknown): DataTypeV2 | undefined {
  const match = typeof dtype === "string" ? /^([<>|=]?)([a-zA-Z])(\d*)$/.exec(dtype) : null;
  if (match === null) return undefined;
  const [, order, kind, digits] = match;
  if (kind === undefined || digits === undefined) return undefined;
  const itemSize = Number(digits);
  const native = itemSize > 1 ? "<" : "|";
  const written = order === "<" || order === ">" || order === "|" ? order : native;
  return { order: written, kind, itemSize };
}

/** The Zarr v3 name of a v2 dtype (`uint16` for `<u2`); undefined where the v3 core specification has none. */
export function dataTypeV3Name({ kind, itemSize }: DataTypeV2): string | undefined {
  return V3_NAMES.get(`${kind}${itemSize}`);
}

const V3_NAMES: ReadonlyMap<string, string> = new Map([
  ["b1", "bool"],
  ["i1", "int8"],
  ["i2", "int16"],
  ["i4", "int32"],
  ["i8", "int64"],
  ["u1", "uint8"],
  ["u2", "uint16"],
  ["u4", "uint32"],
  ["u8", "uint64"],
  ["f2", "float16"],
  ["f4", "float32"],
  ["f8", "float64"],
  ["c8", "complex64"],
  ["c16", "complex128"],
]);

/** The bytes of one element of a v3 data type; undefined for types of variable length and unknown types. */
export function itemSizeOf(dataType: string): number | undefined {
  if (dataType === "bool") return 1;
  const match = /^(?:u?int|float|complex|r)(\d+)$/.exec(dataType);
  return match === null ? undefined : Number(match[1]) / 8;
}

/** The Zarr v2 dtype of a v3 data type (`<u2` for `uint16`); undefined where v2 has none. */
export function dataTypeV2Name(dataType: string, order: "<" | ">"): string | undefined {
  const raw = /^r(\d+)$/.exec(dataType);
  if (raw !== null) return `|V${Number(raw[1]) / 8}`;
  const found = [...V3_NAMES].find(([, name]) => name === dataType);
  if (found === undefined) return undefined;
  const [letters] = found;
  return `${letters.endsWith("1") && letters.length === 2 ? "|" : order}${letters}`;
}

/** The value of a float16 (IEEE 754, "interchange formats"). */
function floatOfHalf(bits: number): number {
  const [sign, exponent, fraction] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

let table: Float32Array | undefined;

/** Converts float16 to float32, little-endian. JavaScript engines without `Float16Array` can do it too. */
export function widenHalves(bytes: Uint8Array, isBig: boolean): Uint8Array {
  table ??= Float32Array.from({ length: 65536 }, (_, bits) => floatOfHalf(bits));
  const halves = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const floats = new DataView(new ArrayBuffer(bytes.length * 2));
  for (let at = 0; at + 1 < bytes.length; at += 2) {
    floats.setFloat32(at * 2, table[halves.getUint16(at, !isBig)] as number, true);
  }
  return new Uint8Array(floats.buffer);
}

/** Converts float32 to float16, both little-endian, to the nearest and halves to even, as numpy does. */
export function narrowFloats(bytes: Uint8Array): Uint8Array {
  const floats = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const halves = new DataView(new ArrayBuffer(bytes.length >> 1));
  for (let at = 0; at + 3 < bytes.length; at += 4) {
    halves.setUint16(at >> 1, halfOfBits(floats.getUint32(at, true)), true);
  }
  return new Uint8Array(halves.buffer);
}

/** The bits of the float16 that is nearest to a float32, by its bits. */
function halfOfBits(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const exponent = ((bits >>> 23) & 0xff) - 112;
  const fraction = bits & 0x7fffff;
  if (exponent === 0xff - 112) return sign | 0x7c00 | (fraction === 0 ? 0 : 0x200 | (fraction >>> 13));
  if (exponent >= 31) return sign | 0x7c00;
  if (exponent < -10) return sign;
  // Below the normal numbers, the leading 1 is written too.
  const isSmall = exponent <= 0;
  const digits = isSmall ? fraction | 0x800000 : fraction;
  const shift = isSmall ? 14 - exponent : 13;
  const half = (isSmall ? 0 : exponent << 10) | (digits >>> shift);
  const rest = digits & ((1 << shift) - 1);
  const middle = 1 << (shift - 1);
  // A carry leads to the next exponent, and from the largest number to infinity.
  return sign | (rest > middle || (rest === middle && (half & 1) === 1) ? half + 1 : half);
}

/**
 * The little-endian bytes of a fill value of Zarr v3.
 *
 * @returns undefined for data types without a fixed size
 */
export function fillBytes(value: unknown, dataType: string): Uint8Array | undefined {
  const size = itemSizeOf(dataType);
  if (size === undefined) return undefined;
  const view = new DataView(new ArrayBuffer(size));
  const bytes = new Uint8Array(view.buffer);
  const plain = plainFillValue(downgradeFillValue(value ?? 0, dataType), dataType);
  if (dataType.startsWith("complex")) {
    const [real = 0, imaginary = 0]: unknown[] = Array.isArray(plain) ? plain : [plain, 0];
    const part = size === 8 ? "float32" : "float64";
    for (const [k, one] of [real, imaginary].entries()) bytes.set(fillBytes(one, part) ?? [], (k * size) / 2);
  } else if (dataType.startsWith("r")) {
    if (Array.isArray(plain)) bytes.set(plain.slice(0, size).map(Number));
  } else if (dataType === "float64") view.setFloat64(0, Number(plain), true);
  else if (dataType.startsWith("float")) {
    const single = new DataView(new ArrayBuffer(4));
    single.setFloat32(0, Number(plain), true);
    const float = new Uint8Array(single.buffer);
    bytes.set(size === 2 ? narrowFloats(float) : float);
  } else {
    let rest = guardedInteger(plain) ?? BigInt(Math.trunc(Number(plain)) || 0);
    for (let k = 0; k < size; k++) {
      bytes[k] = Number(rest & 0xffn);
      rest >>= 8n;
    }
  }
  return bytes;
}

/** The Zarr v2 fill value for a v3 one: the same, except for floats that v3 writes as their bits (`0x7fc00000`). */
export function downgradeFillValue(value: unknown, dataType: string): unknown {
  if (Array.isArray(value)) {
    const part = dataType === "complex64" ? "float32" : "float64";
    return value.map((number: unknown) => downgradeFillValue(number, part));
  }
  if (typeof value !== "string" || !dataType.startsWith("float") || !/^0x[0-9a-f]+$/i.test(value))
    return value;
  const number = floatOfBits(BigInt(value), dataType);
  if (Number.isNaN(number)) return "NaN";
  if (number === Infinity) return "Infinity";
  return number === -Infinity ? "-Infinity" : number;
}

/** IEEE 754, "interchange formats". */
function floatOfBits(bits: bigint, dataType: string): number {
  const view = new DataView(new ArrayBuffer(8));
  if (dataType === "float64") {
    view.setBigUint64(0, BigInt.asUintN(64, bits));
    return view.getFloat64(0);
  }
  if (dataType === "float32") {
    view.setUint32(0, Number(BigInt.asUintN(32, bits)));
    return view.getFloat32(0);
  }
  return floatOfHalf(Number(BigInt.asUintN(16, bits)));
}

/**
 * A fill value as the specifications spell it, for those that zarr-python reads too: `true` and `"5"` of integers, `"nan"`,
 * `"inf"` and `"0"` of floats. All other values stay as they are.
 */
export function plainFillValue(value: unknown, dataType: string): unknown {
  if (/^u?int\d+$/.test(dataType)) {
    if (typeof value === "boolean") return value ? 1 : 0;
    return typeof value === "string" && /^-?\d{1,15}$/.test(value) ? Number(value) : value;
  }
  if (!/^float\d+$/.test(dataType)) return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value !== "string" || guardedInteger(value) !== undefined || /^0x/i.test(value)) return value;
  const [, sign = "", word = ""] = /^([+-]?)(nan|inf|infinity)$/i.exec(value) ?? [];
  if (/^nan$/i.test(word)) return "NaN";
  if (word !== "") return sign === "-" ? "-Infinity" : "Infinity";
  return value.trim() !== "" && Number.isFinite(Number(value)) ? Number(value) : value;
}
