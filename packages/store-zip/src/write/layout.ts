import type { ReadOptions } from "@ozx/core";
import { forEachInSlices } from "@ozx/core/container";
import { flagsFor } from "../directory/central-directory.js";
import { type LocatedEntry, writtenCentralHeaderSize } from "../records/central-header.js";
import { END_RECORDS_SIZE } from "../records/end-records.js";
import { MAX_TEXT_LENGTH } from "../records/fields.js";
import { writtenLocalHeaderSize } from "../records/local-header.js";

/** An entry to store. */
interface LayoutEntry {
  /** The name in the archive, without a slash at its start. */
  readonly name: string;
  /** Bytes of its data. */
  readonly size: number;
}

/**
 * Where every byte of an archive goes: a pure function of the names and sizes of its entries, in their order. All entries
 * are stored, so nothing needs to be read to know it, and parts of the archive can be written independently.
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
  /** The names of all entries in UTF-8, one after the other: an object for each would take twice the memory. */
  readonly nameBytes: Uint8Array;
  /** Where the name of each entry ends in `nameBytes`; the next one starts there. */
  readonly nameEnds: Float64Array;
  /** Bytes of each entry's data. */
  readonly sizes: Float64Array;
  /** Where each entry's local header starts in the file. */
  readonly headerOffsets: Float64Array;
  readonly directoryOffset: number;
  /** Bytes of the central directory. */
  readonly directorySize: number;
  readonly zip64EndOffset: number;
  readonly comment: Uint8Array;
  /** Bytes of the whole archive. */
  readonly size: number;
}

/**
 * Lays out an archive.
 *
 * @throws RangeError for a duplicate name, a name or comment of more than 65,535 bytes, or a size that is not a whole
 * number; these are bugs of the caller, found before the first byte is written
 */
export async function layOut(
  entries: readonly LayoutEntry[],
  comment: Uint8Array,
  options?: ReadOptions,
): Promise<ZipLayout> {
  refuseLongComment(comment);
  const encoder = new TextEncoder();
  // A UTF-16 unit becomes at most three bytes.
  const nameBytes = new Uint8Array(entries.reduce((sum, { name }) => sum + name.length * 3, 0));
  const nameEnds = new Float64Array(entries.length);
  const sizes = new Float64Array(entries.length);
  const headerOffsets = new Float64Array(entries.length);
  const seen = new Set<string>();
  let nameEnd = 0;
  let offset = 0;
  let directorySize = 0;
  let index = 0;
  const place = ({ name, size }: LayoutEntry): void => {
    const { written } = encoder.encodeInto(name, nameBytes.subarray(nameEnd));
    refuseLongName(written);
    if (seen.has(name)) throw duplicateName(name);
    if (!Number.isSafeInteger(size) || size < 0) throw new RangeError(`${name} cannot have ${size} bytes`);
    seen.add(name);
    nameEnd += written;
    nameEnds[index] = nameEnd;
    sizes[index] = size;
    headerOffsets[index] = offset;
    index++;
    offset += writtenLocalHeaderSize(written) + size;
    directorySize += writtenCentralHeaderSize(written);
  };
  await forEachInSlices(entries, place, options);
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

/** @throws RangeError for an archive comment that is longer than 65,535 bytes */
export function refuseLongComment({ length }: Uint8Array): void {
  if (length <= MAX_TEXT_LENGTH) return;
  throw new RangeError(`an archive comment of ${length} bytes is too long; ZIP allows ${MAX_TEXT_LENGTH}`);
}

/**
 * @param length bytes of the name
 * @throws RangeError for a name that is longer than 65,535 bytes
 */
export function refuseLongName(length: number): void {
  if (length <= MAX_TEXT_LENGTH) return;
  throw new RangeError(`an entry name of ${length} bytes is too long; ZIP allows ${MAX_TEXT_LENGTH}`);
}

/** The error for a name that is in a job twice. */
export function duplicateName(name: string): RangeError {
  return new RangeError(`${JSON.stringify(name)} would be written twice`);
}

/** The part of a layout for its entries `from..to`; entry 0 of the part is `from`. */
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

/** Bytes of the name of entry `index`. */
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
