import { flagsFor } from "../directory/central-directory.js";
import { type LocatedEntry, writtenCentralHeaderSize } from "../records/central-header.js";
import { END_RECORDS_SIZE } from "../records/end-records.js";
import { writtenLocalHeaderSize } from "../records/local-header.js";

const MAX_16 = 0xffff;
/** Bytes of the longest name that an entry can have. */
export const MAX_NAME_LENGTH: number = MAX_16;

/** An entry that is to be stored. */
export interface LayoutEntry {
  /** The name in the archive, without a slash at its start. */
  readonly name: string;
  /** Length of its data in bytes. */
  readonly size: number;
}

/**
 * Where every byte of an archive goes: a pure function of the names and sizes, in the order given. Since all
 * entries are stored, nothing has to be read to know it, and any part of the archive can be written on its
 * own.
 *
 * ```
 * 0                  local header, data, local header, data, …
 * directoryOffset    central headers
 * zip64EndOffset     ZIP64 end record, its locator, end record with the comment
 * size               the end
 * ```
 */
export interface ZipLayout {
  readonly count: number;
  /** The names of all entries in UTF-8, one behind the other: an object for each would double what is kept of it. */
  readonly nameBytes: Uint8Array;
  /** Where the name of each entry ends in `nameBytes`; the next one starts there. */
  readonly nameEnds: Float64Array;
  readonly sizes: Float64Array;
  readonly headerOffsets: Float64Array;
  readonly directoryOffset: number;
  readonly directorySize: number;
  readonly zip64EndOffset: number;
  readonly comment: Uint8Array;
  /** Bytes of the whole archive. */
  readonly size: number;
}

/**
 * Lays an archive out.
 *
 * @throws RangeError for a duplicate name, a name or comment that ZIP has no room for, or a size that is no
 * whole number: the callers' own mistakes, found before the first byte is written
 */
export function layOut(entries: readonly LayoutEntry[], comment: Uint8Array): ZipLayout {
  refuseLongComment(comment);
  const encoder = new TextEncoder();
  // UTF-8 takes three bytes at most for what is one unit in a string.
  const nameBytes = new Uint8Array(entries.reduce((sum, { name }) => sum + name.length * 3, 0));
  const nameEnds = new Float64Array(entries.length);
  const sizes = new Float64Array(entries.length);
  const headerOffsets = new Float64Array(entries.length);
  const seen = new Set<string>();
  let nameEnd = 0;
  let offset = 0;
  let directorySize = 0;
  entries.forEach(({ name, size }, index) => {
    const { written } = encoder.encodeInto(name, nameBytes.subarray(nameEnd));
    if (written > MAX_NAME_LENGTH)
      throw new RangeError(`a name of ${written} bytes is too long for a zip entry`);
    if (seen.has(name)) throw new RangeError(`${JSON.stringify(name)} is to be written twice`);
    if (!Number.isSafeInteger(size) || size < 0) throw new RangeError(`${name} cannot have ${size} bytes`);
    seen.add(name);
    nameEnd += written;
    nameEnds[index] = nameEnd;
    sizes[index] = size;
    headerOffsets[index] = offset;
    offset += writtenLocalHeaderSize(written) + size;
    directorySize += writtenCentralHeaderSize(written);
  });
  const zip64EndOffset = offset + directorySize;
  return {
    count: entries.length,
    nameBytes: nameBytes.slice(0, nameEnd),
    nameEnds,
    sizes,
    headerOffsets,
    directoryOffset: offset,
    directorySize,
    zip64EndOffset,
    comment,
    size: zip64EndOffset + END_RECORDS_SIZE + comment.length,
  };
}

export function refuseLongComment({ length }: Uint8Array): void {
  if (length <= MAX_16) return;
  throw new RangeError(`an archive comment has room for ${MAX_16} bytes, not ${length}`);
}

/** The part of a layout that its entries `from..to` need to be written: entry 0 of the part is `from`. */
export function layoutOfRun(layout: ZipLayout, from: number, to: number): ZipLayout {
  const nameStart = nameStartAt(layout.nameEnds, from);
  return {
    ...layout,
    count: to - from,
    nameBytes: layout.nameBytes.slice(nameStart, layout.nameEnds[to - 1] ?? nameStart),
    nameEnds: layout.nameEnds.slice(from, to).map((end) => end - nameStart),
    sizes: layout.sizes.slice(from, to),
    headerOffsets: layout.headerOffsets.slice(from, to),
  };
}

/** How many bytes the name of entry `index` has. */
export function nameLengthAt({ nameEnds }: ZipLayout, index: number): number {
  return (nameEnds[index] as number) - nameStartAt(nameEnds, index);
}

function nameStartAt(nameEnds: Float64Array, index: number): number {
  return index === 0 ? 0 : (nameEnds[index - 1] as number);
}

/** What the headers of entry `index` say. */
export function storedEntryAt(layout: ZipLayout, index: number, crc: number): LocatedEntry {
  const { nameBytes, nameEnds, sizes, headerOffsets } = layout;
  const name = nameBytes.subarray(nameStartAt(nameEnds, index), nameEnds[index]);
  return {
    name,
    flags: flagsFor(name),
    size: sizes[index] as number,
    crc,
    headerOffset: headerOffsets[index] as number,
  };
}
