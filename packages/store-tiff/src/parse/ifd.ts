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
  /** The bytes themselves, where they do not lie side by side in the file. */
  readonly bytes?: Uint8Array | undefined;
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
  return ifdLengthAt(viewOf(start), 0, header);
}

/** As {@link ifdLength}, of an IFD that starts somewhere in a view. */
export function ifdLengthAt(view: DataView, at: number, header: TiffHeader): number {
  const form = formOf(header);
  const entries = header.big
    ? getUint64(view, at, header.littleEndian)
    : view.getUint16(at, header.littleEndian);
  if (entries === 0 || entries > MOST_ENTRIES) throw new TiffFault(`has an IFD with ${entries} entries`);
  if (header.highHalves) return form.count + entries * (form.entry + HIGH) + 2 * HIGH;
  return form.count + entries * form.entry + form.value;
}

/** Bytes of the high half of a value. */
const HIGH = 4;
/** Types of 4 bytes without a sign: LONG and IFD. What a high half makes of them is LONG8. */
const [LONG, IFD, LONG8] = [4, 13, 16];

/**
 * Parses an IFD. Entries of types that are not known are left out.
 *
 * @param bytes exactly those of the IFD
 * @param offset where it starts in the file
 */
export function parseIfd(bytes: Uint8Array, offset: number, header: TiffHeader): Ifd {
  const { littleEndian, big, highHalves } = header;
  const form = formOf(header);
  const view = viewOf(bytes);
  const { end, next } = endOfEntries(view, 0, bytes.length, header);
  const entries: TagEntry[] = [];
  for (let at = form.count; at < end; at += form.entry) {
    const type = view.getUint16(at + 2, littleEndian);
    const size = sizeOfType(type);
    if (size === undefined) continue;
    const count = big ? getUint64(view, at + 4, littleEndian) : view.getUint32(at + 4, littleEndian);
    const valueAt = at + form.entry - form.value;
    const length = count * size;
    const tag = view.getUint16(at, littleEndian);
    const isInline = length <= form.value;
    const high = highHalves ? view.getUint32(highAt(end, (at - form.count) / form.entry), littleEndian) : 0;
    if (isInline && high > 0 && (type === LONG || type === IFD)) {
      const whole = new Uint8Array(8);
      viewOf(whole).setUint32(0, view.getUint32(valueAt, true), true);
      viewOf(whole).setUint32(4, high, true);
      entries.push({ tag, type: LONG8, count, at: offset + valueAt, length: 8, bytes: whole });
    } else {
      const elsewhere = readOffset(view, valueAt, header) + high * 0x1_0000_0000;
      entries.push({ tag, type, count, at: isInline ? offset + valueAt : elsewhere, length });
    }
  }
  return { offset, bytes, entries, next };
}

/**
 * Where the entries of an IFD end, and what the offset of the next IFD is.
 *
 * @param start of the IFD in the view
 */
export function endOfEntries(
  view: DataView,
  start: number,
  length: number,
  header: TiffHeader,
): { readonly end: number; readonly next: number } {
  const form = formOf(header);
  if (!header.highHalves) {
    const end = start + length - form.value;
    return { end, next: readOffset(view, end, header) };
  }
  const count = (length - form.count - 2 * HIGH) / (form.entry + HIGH);
  const end = start + form.count + count * form.entry;
  return { end, next: getUint64(view, end, header.littleEndian) };
}

/** Where the high half of an entry's value is, which has the number `k`. */
export function highAt(end: number, k: number): number {
  return end + 2 * HIGH + k * HIGH;
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
export function inlineBytes({ bytes, offset }: Ifd, entry: TagEntry): Uint8Array | undefined {
  if (entry.bytes !== undefined) return entry.bytes;
  const { at, length } = entry;
  const from = at - offset;
  return from >= 0 && from + length <= bytes.length ? bytes.subarray(from, from + length) : undefined;
}
