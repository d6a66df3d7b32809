import { type ByteSource, checkRange, type ReadOptions } from "@ozx/core";
import { overlay } from "./overlay.js";

/** As much as a source on a server keeps of its end; all of the directory of a sharded image, and its comment. */
export const KEPT_TAIL = 128 * 1024;

const kept = new WeakMap<ByteSource, ByteSource>();

/**
 * The source with its last bytes read once and kept, where a read costs more than of a file: the end records, the
 * directory in front of them, and small archives as a whole come in one read.
 */
export async function keepTail(source: ByteSource, options?: ReadOptions): Promise<ByteSource> {
  if (source.readSync !== undefined) return source;
  const known = kept.get(source);
  if (known !== undefined) return known;
  const start = Math.max(0, source.size - KEPT_TAIL);
  const bytes = await source.read(start, source.size - start, options);
  const keeping = withSegment(source, start, bytes);
  kept.set(source, keeping);
  kept.set(keeping, keeping);
  return keeping;
}

/** A source of which the bytes from `start` to its end are in memory. */
function withSegment(source: ByteSource, start: number, bytes: Uint8Array): ByteSource {
  return overlay(source, async (offset, length, options) => {
    options?.signal?.throwIfAborted();
    checkRange(source, offset, length);
    if (offset >= start) return bytes.subarray(offset - start, offset - start + length);
    if (offset + length <= start) return source.read(offset, length, options);
    const whole = new Uint8Array(length);
    whole.set(await source.read(offset, start - offset, options));
    whole.set(bytes.subarray(0, offset + length - start), start - offset);
    return whole;
  });
}
