import type { JsonObject } from "@ozx/core";
import { getUint64, viewOf } from "./bytes.js";
import { Nd2Fault } from "./fault.js";

/** A value of metadata. Integers that numbers cannot hold are their digits. */
export type Variant = boolean | number | string | Uint8Array | VariantLevel;

/** A value that contains others, in the order of the file: named ones, or those of a list, whose names are empty or numbers. */
export interface VariantLevel {
  readonly items: readonly VariantItem[];
}

/** A named value. */
export interface VariantItem {
  readonly name: string;
  readonly value: Variant;
}

const TYPE = {
  bool: 1,
  int32: 2,
  uint32: 3,
  int64: 4,
  uint64: 5,
  double: 6,
  pointer: 7,
  text: 8,
  bytes: 9,
  level: 11,
  compressed: 76,
} as const;

/** Bytes before the zlib stream of a compressed variant. */
const COMPRESSED_HEADER = 12;
/** The deepest nesting: experiments need a dozen levels. */
const DEEPEST = 64;

/** The zlib stream of metadata that is compressed; undefined where it is not. */
export function compressedVariant(bytes: Uint8Array): Uint8Array | undefined {
  return bytes[0] === TYPE.compressed ? bytes.subarray(COMPRESSED_HEADER) : undefined;
}

/**
 * Parses metadata in the binary form (lite variants): items of u8 type, u8 length of the name in UTF-16 units with its
 * NUL, the name, and the value. A level has u32 count, u64 length from its type on, its items, and an offset of each.
 *
 * @param bytes not compressed
 * @throws Nd2Fault where they are truncated or have a value of an unknown type
 */
export function parseLiteVariant(bytes: Uint8Array): VariantLevel {
  const view = viewOf(bytes);
  const text = new TextDecoder("utf-16le");
  /** Throws unless there are `length` bytes at `at`. */
  const within = (at: number, length: number, end: number): void => {
    if (at + length > end) throw new Nd2Fault("has metadata that is truncated");
  };
  const textEnd = (at: number, end: number): number => {
    for (let k = at; k + 1 < end; k += 2) if (bytes[k] === 0 && bytes[k + 1] === 0) return k;
    throw new Nd2Fault("has metadata with a text without an end");
  };
  const readItems = (from: number, end: number, most: number, depth: number): [VariantItem[], number] => {
    if (depth > DEEPEST) throw new Nd2Fault(`has metadata that is nested more than ${DEEPEST} deep`);
    const items: VariantItem[] = [];
    let at = from;
    // Zeros fill up what follows the last item.
    while (items.length < most && at < end && bytes[at] !== 0) {
      const start = at;
      within(at, 2, end);
      const type = bytes[at] as number;
      const nameBytes = 2 * (bytes[at + 1] as number);
      within(at + 2, nameBytes, end);
      const name = text.decode(bytes.subarray(at + 2, at + 2 + Math.max(0, nameBytes - 2)));
      at += 2 + nameBytes;
      const [value, next] = readValue({ type, at, start, end }, depth);
      items.push({ name, value });
      at = next;
    }
    return [items, at];
  };
  const readValue = (
    { type, at, start, end }: { type: number; at: number; start: number; end: number },
    depth: number,
  ): [Variant, number] => {
    const fixed = (length: number, value: () => Variant): [Variant, number] => {
      within(at, length, end);
      return [value(), at + length];
    };
    switch (type) {
      case TYPE.bool:
        return fixed(1, () => bytes[at] !== 0);
      case TYPE.int32:
        return fixed(4, () => view.getInt32(at, true));
      case TYPE.uint32:
        return fixed(4, () => view.getUint32(at, true));
      case TYPE.int64:
        return fixed(8, () => exact(view.getBigInt64(at, true)));
      case TYPE.uint64:
      case TYPE.pointer:
        return fixed(8, () => exact(view.getBigUint64(at, true)));
      case TYPE.double:
        return fixed(8, () => view.getFloat64(at, true));
      case TYPE.text: {
        const stop = textEnd(at, end);
        return [text.decode(bytes.subarray(at, stop)), stop + 2];
      }
      case TYPE.bytes: {
        within(at, 8, end);
        const length = getUint64(view, at);
        return fixed(8 + length, () => bytes.slice(at + 8, at + 8 + length));
      }
      case TYPE.level: {
        within(at, 12, end);
        const count = view.getUint32(at, true);
        const itemsEnd = start + getUint64(view, at + 4);
        if (itemsEnd < at + 12) throw new Nd2Fault("has metadata with a list that ends before it starts");
        within(itemsEnd, 8 * count, end);
        const [items] = readItems(at + 12, itemsEnd, count, depth + 1);
        return [{ items }, itemsEnd + 8 * count];
      }
      default:
        throw new Nd2Fault(`has metadata with a value of the unknown type ${type}`);
    }
  };
  const [items] = readItems(0, bytes.length, Number.POSITIVE_INFINITY, 0);
  return { items };
}

function exact(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value.toString();
}

/** The level of a name; undefined where there is none. */
export function levelAt(level: VariantLevel | undefined, name: string): VariantLevel | undefined {
  const value = valueAt(level, name);
  return isLevel(value) ? value : undefined;
}

/** The finite number of a name; undefined where there is none. */
export function numberAt(level: VariantLevel | undefined, name: string): number | undefined {
  const value = valueAt(level, name);
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

/** The text of a name, undefined where there is none or an empty one. */
export function textAt(level: VariantLevel | undefined, name: string): string | undefined {
  const value = valueAt(level, name);
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** The levels in a level, which are the items of a list whatever their names are. */
export function levelsIn(level: VariantLevel | undefined): readonly VariantLevel[] {
  return level?.items.map(({ value }) => value).filter(isLevel) ?? [];
}

/** The value of a name. */
export function valueAt(level: VariantLevel | undefined, name: string): Variant | undefined {
  return level?.items.find((item) => item.name === name)?.value;
}

function isLevel(value: Variant | undefined): value is VariantLevel {
  return typeof value === "object" && "items" in value;
}

/** Metadata as JSON: levels whose items have no names of their own are arrays, and bytes are hexadecimal digits. */
export function variantJson(level: VariantLevel): JsonObject {
  return Object.fromEntries(level.items.map(({ name, value }, k) => [name || String(k), jsonOf(value)]));
}

function jsonOf(value: Variant): JsonObject[string] {
  if (value instanceof Uint8Array) return hex(value);
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (!isLevel(value)) return value;
  const { items } = value;
  const isList = items.length > 0 && items.every(({ name }) => name === "");
  return isList ? items.map((item) => jsonOf(item.value)) : variantJson(value);
}

function hex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
}
