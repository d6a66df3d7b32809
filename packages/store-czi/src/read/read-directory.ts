import { type ReadOptions, UnsupportedError } from "@ozx/core";
import { createThrottle } from "@ozx/core/container";
import { type DirectoryEntry, entryLength, parseEntry, SHORTEST_ENTRY } from "../parse/directory-entry.js";
import { CziFault } from "../parse/fault.js";
import { SEGMENT, viewOf } from "../parse/segment.js";
import { readData, readSegment } from "./read-segment.js";
import type { SegmentSource } from "./segment-source.js";

/** Where the entries start in the data. */
const ENTRIES = 128;
/** Bytes that are read with the header of the directory. */
const FIRST = { remote: 512 * 1024, local: 16 * 1024 };
/** Bytes that are read at once afterwards: a directory that lies about its size is found out by the first of them. */
const PIECE = { remote: 32 * 1024 * 1024, local: 4 * 1024 * 1024 };
/** More subblocks than fit into memory. */
const MOST_ENTRIES = 8_000_000;

/**
 * Reads the subblock directory. Its entries follow one another, each with a length of its own.
 *
 * @param position of its segment
 * @throws CziFault, UnsupportedError
 */
export async function readDirectory(
  from: SegmentSource,
  position: number,
  options?: ReadOptions,
): Promise<DirectoryEntry[]> {
  const first = from.isRemote ? FIRST.remote : FIRST.local;
  const segment = await readSegment(from, position, { id: SEGMENT.directory, length: first }, options);
  if (segment.start.length < ENTRIES) throw new CziFault("ends within its directory");
  const count = viewOf(segment.start).getInt32(0, true);
  if (count < 0 || count * SHORTEST_ENTRY > segment.used - ENTRIES) {
    throw new CziFault(`has a directory of ${count} subblocks in ${segment.used} bytes`);
  }
  if (count > MOST_ENTRIES) throw tooMany(from.source.name, count);
  const entries: DirectoryEntry[] = [];
  const pause = createThrottle(options);
  const step = from.isRemote ? PIECE.remote : PIECE.local;
  let bytes = segment.start.subarray(ENTRIES);
  let at = 0;
  let read = segment.start.length;
  while (entries.length < count) {
    const length = entryLength(bytes, at);
    if (length !== undefined && at + length <= bytes.length) {
      entries.push(parseEntry(bytes, at, entries.length));
      at += length;
      const rest = pause();
      if (rest !== undefined) await rest;
      continue;
    }
    const next = Math.min(step, segment.used - read);
    if (next <= 0)
      throw new CziFault(`ends within its directory, after ${entries.length} of ${count} subblocks`);
    const more = await readData(from, segment, { from: read, length: next }, options);
    read += next;
    const joined = new Uint8Array(bytes.length - at + more.length);
    joined.set(bytes.subarray(at));
    joined.set(more, bytes.length - at);
    [bytes, at] = [joined, 0];
  }
  return entries;
}

/** The error for a file with more subblocks than fit into memory. */
export function tooMany(name: string, count: number): UnsupportedError {
  return new UnsupportedError(
    `${name} cannot be read: it has ${count} subblocks, and at most ${MOST_ENTRIES} are; split it by scenes with ZEN`,
    { location: name, feature: "more subblocks than fit into memory" },
  );
}
