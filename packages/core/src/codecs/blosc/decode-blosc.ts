import type { Engine } from "../engine/engine.js";
import { faultError } from "../fault.js";
import { checkRoom, copyInto, type DecodedSize } from "../size.js";
import { type BloscHeader, FLAG_AS_IS, HEADER_SIZE, readHeader } from "./blosc-header.js";

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
  const { blockSize, blocks } = header;
  return engine.use("blosc", () => {
    const step = Math.max(1, Math.floor(WINDOW / blockSize));
    const window = Math.min(step * blockSize, header.size);
    const { to, decode } = layOut(engine, frame, header, window);
    const out = into ?? new Uint8Array(header.size);
    for (let first = 0; first < blocks; first += step) {
      const count = Math.min(step, blocks - first);
      const length = decode(first, count);
      out.set(engine.heap.subarray(to, to + length), first * blockSize);
    }
    return out.length === header.size ? out : out.subarray(0, header.size);
  });
}

/** The largest chunk of which the whole is decoded in the engine's memory. */
const LARGEST_VIEW = 8 * 1024 * 1024;

/**
 * Like {@link decodeBlosc}, but into memory that the next call overwrites, or that of the frame.
 *
 * @returns undefined for larger chunks than are decoded this way
 */
export function viewBlosc(engine: Engine, frame: Uint8Array, size: DecodedSize): Uint8Array | undefined {
  const header = readHeader(frame, size);
  if (header.flags & FLAG_AS_IS || header.size === 0) {
    return frame.subarray(HEADER_SIZE, HEADER_SIZE + header.size);
  }
  if (header.size > LARGEST_VIEW) return undefined;
  return engine.use("blosc", () => {
    const { to, decode } = layOut(engine, frame, header, header.size);
    return engine.heap.subarray(to, to + decode(0, header.blocks));
  });
}

/** Puts a frame into the engine's memory, with room for so many decoded bytes at `to`. */
function layOut(
  engine: Engine,
  frame: Uint8Array,
  { blockSize, frameSize, size }: BloscHeader,
  room: number,
): { readonly to: number; decode(first: number, count: number): number } {
  const [from = 0, to = 0, scratch = 0, scratch2 = 0] = engine.layOut(
    "blosc",
    ...[frameSize, room, blockSize, blockSize],
  );
  engine.heap.set(frame.length === frameSize ? frame : frame.subarray(0, frameSize), from);
  return {
    to,
    decode(first, count) {
      const length = engine.instance.bloscBlocks(from, first, count, to, scratch, scratch2);
      if (length < 0) throw faultError("blosc", length, size);
      return length;
    },
  };
}
