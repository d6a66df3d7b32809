import type { ReadOptions } from "@ozx/core";
import { createThrottle } from "@ozx/core/container";
import { type DirectoryEntry, entryLength, LONGEST_ENTRY, parseEntry } from "../parse/directory-entry.js";
import { CziFault } from "../parse/fault.js";
import { ALIGNMENT, parseSegmentHeader, SEGMENT, SEGMENT_HEADER } from "../parse/segment.js";
import { readXml } from "./read-xml.js";
import type { SegmentSource } from "./segment-source.js";

/** Where the copy of its directory entry starts in the data of a subblock. */
const ENTRY = 16;

/**
 * Finds the subblocks of a file without a directory, as programs that end before they write it leave one, by reading the
 * header of every segment.
 *
 * @throws CziFault where there is no subblock
 */
export async function scanSegments(
  from: SegmentSource,
  options?: ReadOptions,
): Promise<{ readonly entries: DirectoryEntry[]; readonly xml: Uint8Array | undefined }> {
  const { source } = from;
  const known: ReadonlySet<string> = new Set(Object.values(SEGMENT));
  const pause = createThrottle(options);
  const entries: DirectoryEntry[] = [];
  let xml: Uint8Array | undefined;
  let position = 0;
  while (position + SEGMENT_HEADER <= source.size) {
    const length = Math.min(source.size - position, SEGMENT_HEADER + ENTRY + LONGEST_ENTRY);
    const bytes = await source.read(position, length, options);
    const { id, allocated } = parseSegmentHeader(bytes);
    // What was being written when the program ended.
    if (!known.has(id)) break;
    // What is truncated there is left out too: its pixels are not complete.
    const isWhole = position + SEGMENT_HEADER + allocated <= source.size;
    if (id === SEGMENT.subblock && isWhole) {
      const at = SEGMENT_HEADER + ENTRY;
      const entry = entryLength(bytes, at);
      if (entry === undefined || at + entry > bytes.length) break;
      entries.push({ ...parseEntry(bytes, at, entries.length), position });
    }
    if (id === SEGMENT.metadata && isWhole) xml ??= await readXml(from, position, options);
    position += SEGMENT_HEADER + Math.ceil(allocated / ALIGNMENT) * ALIGNMENT;
    const rest = pause();
    if (rest !== undefined) await rest;
  }
  if (entries.length === 0) throw new CziFault("has no directory, and no complete subblock");
  return { entries, xml };
}
