import type { ByteSource, ReadOptions } from "@ozx/core";
import { END_SIGNATURE, END_SIZE, MAX_END_DISTANCE } from "../records/end-of-central-directory.js";
import { viewOf } from "../records/fields.js";

/**
 * Where the last end record whose comment ends before the file does ends: what follows does not belong to the archive.
 * Zeros at the end of the file, as a copy to a device or a download that was given its room beforehand leaves them,
 * are passed over.
 */
export async function findEndBefore(source: ByteSource, options?: ReadOptions): Promise<number | undefined> {
  const filled = await endWithoutZeros(source, options);
  // The record's own last bytes are zeros, too.
  const until = Math.min(source.size, filled + END_SIZE);
  const length = Math.min(until, MAX_END_DISTANCE + END_SIZE);
  const start = until - length;
  const tail = await source.read(start, length, options);
  const view = viewOf(tail);
  for (let at = length - END_SIZE; at >= 0; at--) {
    if (tail[at] !== 0x50 || view.getUint32(at, true) !== END_SIGNATURE) continue;
    const end = start + at + END_SIZE + view.getUint16(at + 20, true);
    if (end < source.size) return end;
  }
  return undefined;
}

/** How many zeros at the end of a file are passed over: of a file, and of what is far away. */
const MOST_ZEROS = { near: 64 * 1024 * 1024, far: 256 * 1024 };
const BLOCK = 64 * 1024;

/** Where the last byte lies that is not zero, so far as zeros are passed over. */
async function endWithoutZeros(source: ByteSource, options?: ReadOptions): Promise<number> {
  const least = Math.max(0, source.size - MOST_ZEROS[source.readSync ? "near" : "far"]);
  for (let end = source.size; end > least; ) {
    const start = Math.max(least, end - BLOCK);
    const bytes = await source.read(start, end - start, options);
    const last = bytes.findLastIndex((byte) => byte !== 0);
    if (last >= 0) return start + last + 1;
    end = start;
  }
  return source.size;
}

/** The first bytes of a source, as a source. */
export function firstPart(source: ByteSource, size: number): ByteSource {
  const { readSync } = source;
  return {
    name: source.name,
    size,
    read: (offset, length, options) => source.read(offset, length, options),
    ...(readSync && { readSync: (offset: number, target: Uint8Array) => source.readSync?.(offset, target) }),
    close: () => source.close(),
  };
}
