/** A Zarr v2 dtype string taken apart: `<u2` is `{ order: "<", kind: "u", itemSize: 2 }`. */
export interface DataTypeV2 {
  /** `<` little, `>` big, `|` not relevant. */
  readonly order: "<" | ">" | "|";
  readonly kind: string;
  /** Bytes an element; 0 for objects (`|O`). */
  readonly itemSize: number;
}

/** Takes a v2 dtype string apart; undefined when it is not one (structured dtypes are lists). */
export function parseDataTypeV2(dtype: unknown): DataTypeV2 | undefined {
  const match = typeof dtype === "string" ? /^([<>|])([a-zA-Z])(\d*)$/.exec(dtype) : null;
  if (match === null) return undefined;
  const [, order, kind, digits] = match;
  if (kind === undefined || digits === undefined) return undefined;
  return { order: order as DataTypeV2["order"], kind, itemSize: Number(digits) };
}

/** The Zarr v3 name of a v2 dtype of the core specification (`<u2` is `uint16`), or undefined where it has none. */
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

/** Bytes an element of a v3 data type takes in memory, or undefined for variable length and unknown types. */
export function itemSizeOf(dataType: string): number | undefined {
  if (dataType === "bool") return 1;
  const match = /^(?:u?int|float|complex|r)(\d+)$/.exec(dataType);
  return match === null ? undefined : Number(match[1]) / 8;
}

/** The Zarr v2 dtype of a v3 data type (`uint16` is `<u2`), or undefined where v2 has none. */
export function dataTypeV2Name(dataType: string, order: "<" | ">"): string | undefined {
  const raw = /^r(\d+)$/.exec(dataType);
  if (raw !== null) return `|V${Number(raw[1]) / 8}`;
  const found = [...V3_NAMES].find(([, name]) => name === dataType);
  if (found === undefined) return undefined;
  const [letters] = found;
  return `${letters.endsWith("1") && letters.length === 2 ? "|" : order}${letters}`;
}
