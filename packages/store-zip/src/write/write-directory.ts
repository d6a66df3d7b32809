import type { ByteSink, WriteOptions } from "@ozx/core";
import { type PlacedEntry, writeCentralHeader, writtenCentralHeaderSize } from "../records/central-header.js";
import { endRecords } from "../records/end-records.js";
import { viewOf } from "../records/fields.js";
import { storedEntryAt, type ZipLayout } from "./layout.js";

/** How much of the central directory is put together before it is written. */
const BATCH = 1024 * 1024;

/** A central directory that is to be written. */
export interface Directory {
  readonly count: number;
  /** The entries, in the directory's order. */
  readonly entryAt: (index: number) => PlacedEntry;
  readonly directoryOffset: number;
  /** Of the archive, behind the directory. */
  readonly comment: Uint8Array;
}

/** The directory of an archive that was laid out, once all CRCs are known. */
export function laidOutDirectory(layout: ZipLayout, crcs: Uint32Array): Directory {
  return { ...layout, entryAt: (index) => storedEntryAt(layout, index, crcs[index] as number) };
}

/** Writes the central directory and the end records. */
export async function writeDirectory(
  { count, entryAt, directoryOffset, comment }: Directory,
  sink: ByteSink,
  options?: WriteOptions,
): Promise<void> {
  let position = directoryOffset;
  for (let index = 0; index < count; ) {
    const entries: PlacedEntry[] = [];
    let size = 0;
    for (; index < count && size < BATCH; index++) {
      const entry = entryAt(index);
      entries.push(entry);
      size += writtenCentralHeaderSize(entry.name.length);
    }
    const bytes = new Uint8Array(size);
    const view = viewOf(bytes);
    let at = 0;
    for (const entry of entries) at = writeCentralHeader(view, at, entry);
    await sink.write(position, bytes, options);
    position += size;
  }
  const extent = { entries: count, directorySize: position - directoryOffset, directoryOffset };
  await sink.write(position, endRecords(extent, position, comment), options);
}
