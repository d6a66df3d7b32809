import type { Engine } from "../engine/engine.js";
import { faultError } from "../fault.js";
import { checkRoom, copyInto, type DecodedSize } from "../size.js";
import { FLAG_AS_IS, HEADER_SIZE, readHeader } from "./blosc-header.js";

/** Blocks are decoded so many bytes at a time, which stay in the cache, and then moved to where they belong. */
const WINDOW = 512 * 1024;

/**
 * Decodes a frame of Blosc 1: lz4, lz4hc, zstd, zlib and blosclz, shuffled by bytes, by bits or not at all.
 *
 * @param size bytes that must come out
 * @param into where they go, at least as long; new memory where it is not given
 * @returns `into`, or its beginning where it is longer
 * @throws DamagedChunkError; UnsupportedError for snappy
 */
export function decodeBlosc(
  engine: Engine,
  frame: Uint8Array,
  size: DecodedSize,
  into?: Uint8Array,
): Uint8Array {
  const header = readHeader(frame, size);
  if (into !== undefined) checkRoom(into, header.size);
  if (header.flags & FLAG_AS_IS || header.size === 0) {
    const bytes = frame.subarray(HEADER_SIZE, HEADER_SIZE + header.size);
    return into === undefined ? new Uint8Array(bytes) : copyInto(bytes, into);
  }
  const { blockSize, blocks, frameSize } = header;
  return engine.use("blosc", () => {
    const step = Math.max(1, Math.floor(WINDOW / blockSize));
    const window = Math.min(step * blockSize, header.size);
    const [from = 0, to = 0, scratch = 0, scratch2 = 0] = engine.layOut(
      "blosc",
      ...[frameSize, window, blockSize, blockSize],
    );
    engine.heap.set(frame.length === frameSize ? frame : frame.subarray(0, frameSize), from);
    const out = into ?? new Uint8Array(header.size);
    for (let first = 0; first < blocks; first += step) {
      const count = Math.min(step, blocks - first);
      const result = engine.instance.bloscBlocks(from, first, count, to, scratch, scratch2);
      if (result < 0) throw faultError("blosc", result, header.size);
      out.set(engine.heap.subarray(to, to + result), first * blockSize);
    }
    return out.length === header.size ? out : out.subarray(0, header.size);
  });
}
