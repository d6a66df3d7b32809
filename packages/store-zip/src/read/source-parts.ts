import { type ByteSource, checkByteRange, type ReadOptions, shareWork } from "@ozx/core";
import { END_SIGNATURE, END_SIZE, MAX_END_DISTANCE } from "../records/end-records.js";
import { viewOf } from "../records/fields.js";

/** As much as a source on a server keeps of its end; all of the directory of a sharded image, and its comment. */
export const CACHED_TAIL = 128 * 1024;

const cachedSources = new WeakMap<ByteSource, ByteSource>();

/**
 * The source with its last bytes read once and kept, where a read costs more than of a file: the end records, the
 * directory in front of them, and small archives as a whole come in one read.
 */
export async function cacheTail(source: ByteSource, options?: ReadOptions): Promise<ByteSource> {
  if (source.readSync !== undefined) return source;
  const known = cachedSources.get(source);
  if (known !== undefined) return known;
  const start = Math.max(0, source.size - CACHED_TAIL);
  const bytes = await source.read(start, source.size - start, options);
  const keeping = withCachedSegment(source, start, bytes);
  cachedSources.set(source, keeping);
  cachedSources.set(keeping, keeping);
  return keeping;
}

/** A source of which the bytes from `start` to its end are in memory. */
function withCachedSegment(source: ByteSource, start: number, bytes: Uint8Array): ByteSource {
  return withReader(source, async (offset, length, options) => {
    options?.signal?.throwIfAborted();
    checkByteRange(source, offset, length);
    if (offset >= start) return bytes.subarray(offset - start, offset - start + length);
    if (offset + length <= start) return source.read(offset, length, options);
    const whole = new Uint8Array(length);
    whole.set(await source.read(offset, start - offset, options));
    whole.set(bytes.subarray(0, offset + length - start), start - offset);
    return whole;
  });
}

/**
 * The source with the bytes at `start..end` read in one piece when any of them is first asked for, and kept: for
 * what lies together and is wanted together, as the metadata at the front of an archive.
 */
export function cacheRun(source: ByteSource, start: number, end: number): ByteSource {
  const run = shareWork((options) => source.read(start, end - start, options));
  return withReader(source, async (offset, length, options) => {
    if (offset < start || offset + length > end) return source.read(offset, length, options);
    const bytes = await run(options);
    return bytes.subarray(offset - start, offset - start + length);
  });
}

/** A source that reads in another way, for sources far away: it has no blocking reads. */
export function withReader(source: ByteSource, read: ByteSource["read"]): ByteSource {
  return {
    name: source.name,
    size: source.size,
    read,
    ...(source.descriptor && { descriptor: source.descriptor.bind(source) }),
    close: () => source.close(),
  };
}

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
const ZEROS_BLOCK = 64 * 1024;

/** Where the last byte lies that is not zero, so far as zeros are passed over. */
async function endWithoutZeros(source: ByteSource, options?: ReadOptions): Promise<number> {
  const least = Math.max(0, source.size - MOST_ZEROS[source.readSync ? "near" : "far"]);
  for (let end = source.size; end > least; ) {
    const start = Math.max(least, end - ZEROS_BLOCK);
    const bytes = await source.read(start, end - start, options);
    const last = bytes.findLastIndex((byte) => byte !== 0);
    if (last >= 0) return start + last + 1;
    end = start;
  }
  return source.size;
}

/** The first bytes of a source, as a source. */
export function sourceUntil(source: ByteSource, size: number): ByteSource {
  const { readSync } = source;
  return {
    name: source.name,
    size,
    read: (offset, length, options) => source.read(offset, length, options),
    ...(readSync && { readSync: (offset: number, target: Uint8Array) => source.readSync?.(offset, target) }),
    close: () => source.close(),
  };
}
