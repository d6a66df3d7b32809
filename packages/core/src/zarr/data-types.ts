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
