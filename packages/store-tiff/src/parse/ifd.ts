import { TiffFault } from "./fault.js";
import { getUint64, type TiffHeader, viewOf } from "./header.js";
import { sizeOfType } from "./tags.js";

/** A field of an IFD: where its values lie, which are not read yet. */
export interface TagEntry {
  readonly tag: number;
  /** As in section 2 of TIFF 6.0. */
  readonly type: number;
  /** The number of values. */
  readonly count: number;
  /** Where the values start in the file. Short ones lie in the IFD itself. */
  readonly at: number;
  /** The bytes of all values. */
  readonly length: number;
}

/** An image file directory: the description of one page. */
export interface Ifd {
  /** Where it starts in the file. */
  readonly offset: number;
  /** Its own bytes, from its offset to that of the next IFD and including that. */
  readonly bytes: Uint8Array;
  /** In the order of the file. A tag may come twice: Micro-Manager writes two descriptions. */
  readonly entries: readonly TagEntry[];
  /** The offset of the next IFD; 0 after the last. */
  readonly next: number;
}

/** The sizes in bytes of what an IFD is made of. */
export interface IfdForm {
  /** Of the number of entries. */
  readonly count: number;
  readonly entry: number;
  /** Of values that fit into an entry, and of the offset of the next IFD. */
  readonly value: number;
}

const CLASSIC: IfdForm = { count: 2, entry: 12, value: 4 };
const BIG: IfdForm = { count: 8, entry: 20, value: 8 };
/** More entries than any writer makes; tifffile has the same limit. */
const MOST_ENTRIES = 4096;

export function formOf({ big }: Pick<TiffHeader, "big">): IfdForm {
  return big ? BIG : CLASSIC;
}

/**
 * The bytes of an IFD, by its first ones.
 *
 * @param start at least as many bytes as `formOf(header).count`
 * @throws TiffFault for more entries than an IFD can have, or none
 */
export function ifdLength(start: Uint8Array, header: TiffHeader): number {
  const form = formOf(header);
  const view = viewOf(start);
  const entries = header.big
    ? getUint64(view, 0, header.littleEndian)
    : view.getUint16(0, header.littleEndian);
  if (entries === 0 || entries > MOST_ENTRIES) throw new TiffFault(`has an IFD with ${entries} entries`);
  return form.count + entries * form.entry + form.value;
}

/**
 * Parses an IFD. Entries of types that are not known are left out.
 *
 * @param bytes exactly those of the IFD
 * @param offset where it starts in the file
 */
export function parseIfd(bytes: Uint8Array, offset: number, header: TiffHeader): Ifd {
  const { littleEndian, big } = header;
  const form = formOf(header);
  const view = viewOf(bytes);
  const end = bytes.length - form.value;
  const entries: TagEntry[] = [];
  for (let at = form.count; at < end; at += form.entry) {
    const type = view.getUint16(at + 2, littleEndian);
    const size = sizeOfType(type);
    if (size === undefined) continue;
    const count = big ? getUint64(view, at + 4, littleEndian) : view.getUint32(at + 4, littleEndian);
    const valueAt = at + form.entry - form.value;
    const length = count * size;
    entries.push({
      tag: view.getUint16(at, littleEndian),
      type,
      count,
      at: length <= form.value ? offset + valueAt : readOffset(view, valueAt, header),
      length,
    });
  }
  return { offset, bytes, entries, next: readOffset(view, end, header) };
}

/** Reads an offset: 4 bytes, or 8 in a BigTIFF. */
export function readOffset(view: DataView, at: number, { big, littleEndian }: TiffHeader): number {
  return big ? getUint64(view, at, littleEndian) : view.getUint32(at, littleEndian);
}

/** The first entry of a tag. */
export function entryOf({ entries }: Ifd, tag: number): TagEntry | undefined {
  return entries.find((entry) => entry.tag === tag);
}

/** The bytes of an entry's values, where they lie in the IFD itself. */
export function inlineBytes({ bytes, offset }: Ifd, { at, length }: TagEntry): Uint8Array | undefined {
  const from = at - offset;
  return from >= 0 && from + length <= bytes.length ? bytes.subarray(from, from + length) : undefined;
}
