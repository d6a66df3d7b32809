import type { ByteSource, ReadOptions } from "@ozx/core";
import { checkByteRange, newBuffer, shareWork } from "@ozx/core/container";
import { END_SIGNATURE, END_SIZE, MAX_END_DISTANCE } from "../records/end-records.js";
import { viewOf } from "../records/fields.js";

/** How much of the end of a remote source is cached: the whole directory of most sharded images, and the comment. */
export const CACHED_TAIL = 128 * 1024;

const cachedSources = new WeakMap<ByteSource, ByteSource>();

/**
 * The source with its last {@link CACHED_TAIL} bytes cached, unless it has blocking reads: end records, the directory
 * before them, and small archives as a whole take one request.
 */
export async function cacheTail(source: ByteSource, options?: ReadOptions): Promise<ByteSource> {
  if (source.readSync !== undefined) return source;
  const known = cachedSources.get(source);
  if (known !== undefined) return known;
  const start = Math.max(0, source.size - CACHED_TAIL);
  const bytes = await source.read(start, source.size - start, options);
  const cached = withCachedTail(source, start, bytes);
  cachedSources.set(source, cached);
  cachedSources.set(cached, cached);
  return cached;
}

/** A source whose bytes from `start` to its end are in memory. */
function withCachedTail(source: ByteSource, start: number, bytes: Uint8Array): ByteSource {
  return withReader(source, async (offset, length, options) => {
    options?.signal?.throwIfAborted();
    checkByteRange(source, offset, length);
    if (offset >= start) return bytes.subarray(offset - start, offset - start + length);
    if (offset + length <= start) return source.read(offset, length, options);
    const whole = newBuffer(length, source.name);
    whole.set(await source.read(offset, start - offset, options));
    whole.set(bytes.subarray(0, offset + length - start), start - offset);
    return whole;
  });
}

/**
 * The source with the bytes at `start..end` read at once when any of them is first requested, and cached: for bytes
 * that are used together, such as the metadata at the front of an archive.
 */
export function cacheRun(source: ByteSource, start: number, end: number): ByteSource {
  const run = shareWork((options) => source.read(start, end - start, options));
  return withReader(source, async (offset, length, options) => {
    if (offset < start || offset + length > end) return source.read(offset, length, options);
    const bytes = await run(options);
    return bytes.subarray(offset - start, offset - start + length);
  });
}

/** The source with another `read`, and without blocking reads. */
function withReader(source: ByteSource, read: ByteSource["read"]): ByteSource {
  return {
    name: source.name,
    size: source.size,
    read,
    ...(source.descriptor && { descriptor: source.descriptor.bind(source) }),
    close: () => source.close(),
  };
}

/**
 * Where an archive with trailing bytes ends: the end of the last end record whose comment ends before the file does.
 * Zeros at the end of the file, left by copies to a device and by preallocated downloads, are skipped.
 *
 * @returns undefined where there is no such record
 */
export async function findEndBefore(source: ByteSource, options?: ReadOptions): Promise<number | undefined> {
  const filled = await endWithoutZeros(source, options);
  // The record itself may end with zeros.
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

/** How many zeros at the end are skipped, in local and in remote sources. */
const MAX_ZEROS = { local: 64 * 1024 * 1024, remote: 256 * 1024 };
const ZEROS_BLOCK = 64 * 1024;

/** The end of the last byte that is not zero, or of the source where there are too many zeros. */
async function endWithoutZeros(source: ByteSource, options?: ReadOptions): Promise<number> {
  const least = Math.max(0, source.size - MAX_ZEROS[source.readSync ? "local" : "remote"]);
  for (let end = source.size; end > least; ) {
    const start = Math.max(least, end - ZEROS_BLOCK);
    const bytes = await source.read(start, end - start, options);
    const last = bytes.findLastIndex((byte) => byte !== 0);
    if (last >= 0) return start + last + 1;
    end = start;
  }
  return source.size;
}

/** The `size` bytes of a source from `start`, as a source of their own; to close it closes the whole source. */
export function sourcePart(source: ByteSource, start: number, size: number): ByteSource {
  const { readSync } = source;
  return {
    name: source.name,
    size,
    read: (offset, length, options) => source.read(start + offset, length, options),
    ...(readSync && {
      readSync: (offset: number, target: Uint8Array) => source.readSync?.(start + offset, target),
    }),
    close: () => source.close(),
  };
}
