import { getUint64, viewOf } from "../parse/bytes.js";
import { Nd2Fault } from "../parse/fault.js";

/** A box of JPEG 2000 in a file: its type, what it holds, and where it starts. */
export interface MappedBox {
  /** As in `jp2c` and `xml `. */
  readonly type: string;
  /** As in `LUNK`, a picture, and `VIMD`, the metadata of a frame. */
  readonly tag: string;
  readonly offset: number;
}

/** The bytes of an entry: type, tag, u64 offset. */
const ENTRY = 16;
/** Bytes of the map before its entries: their number, in big-endian order unlike all else. */
const COUNT = 4;

/** Bytes of a map that is parsed, from its start on. @throws Nd2Fault where it is truncated */
export function parseBoxMap(bytes: Uint8Array): MappedBox[] {
  if (bytes.length < COUNT) throw new Nd2Fault("has a map of its boxes that is truncated");
  const view = viewOf(bytes);
  const count = view.getUint32(0, false);
  if (count > (bytes.length - COUNT) / ENTRY)
    throw new Nd2Fault(`has a map of ${count} boxes that is truncated`);
  const text = new TextDecoder("latin1");
  return Array.from({ length: count }, (_, k) => {
    const at = COUNT + ENTRY * k;
    return {
      type: text.decode(bytes.subarray(at, at + 4)),
      tag: text.decode(bytes.subarray(at + 4, at + 8)),
      offset: getUint64(view, at + 8),
    };
  });
}

/** The bytes that {@link parseBoxStart} needs. */
export const BOX_START = 16;

/**
 * Where the content of a box is, from its start on (ITU-T T.800, I.4).
 *
 * @param rest bytes from its start to the end of the file
 * @returns undefined where it ends beyond the file
 */
export function parseBoxStart(
  bytes: Uint8Array,
  rest: number,
): { readonly start: number; readonly end: number } | undefined {
  if (bytes.length < 8) return undefined;
  const view = viewOf(bytes);
  const length = view.getUint32(0, false);
  if (length === 0) return { start: 8, end: rest };
  const isLong = length === 1 && bytes.length >= BOX_START;
  const start = isLong ? BOX_START : 8;
  const end = isLong ? view.getUint32(8, false) * 2 ** 32 + view.getUint32(12, false) : length;
  return end < start || end > rest ? undefined : { start, end };
}
