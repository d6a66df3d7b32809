import type { Engine } from "./engine/engine.js";
import { DamagedChunkError, wrongSizeError } from "./fault.js";
import { type EncodedChunk, isSize, place } from "./size.js";

/**
 * Undoes numcodecs' `shuffle`.
 *
 * @param itemSize numcodecs' `elementsize`
 * @throws DamagedChunkError
 */
export function decodeShuffle(
  engine: Engine,
  itemSize: number,
  { bytes, size, into }: EncodedChunk,
): Uint8Array {
  if (!isSize(bytes.length, size)) {
    throw wrongSizeError("shuffle", bytes.length, typeof size === "number" ? size : size.atMost);
  }
  return run(engine, "unshuffle", itemSize, { bytes, into });
}

/** Shuffles as numcodecs' `shuffle` does. */
export function encodeShuffle(engine: Engine, bytes: Uint8Array, itemSize: number): Uint8Array {
  return run(engine, "shuffle", itemSize, { bytes, into: undefined });
}

function run(
  engine: Engine,
  direction: "shuffle" | "unshuffle",
  itemSize: number,
  { bytes, into }: Omit<EncodedChunk, "size">,
): Uint8Array {
  if (!Number.isInteger(itemSize) || itemSize < 1) {
    throw new DamagedChunkError("shuffle", `is shuffled by ${itemSize} bytes, which is no size`);
  }
  if (bytes.length % itemSize !== 0) {
    throw new DamagedChunkError("shuffle", `has ${bytes.length} bytes, no multiple of ${itemSize}`);
  }
  return engine.use("shuffle", () => {
    const [from = 0, to = 0] = engine.layOut("shuffle", bytes.length, bytes.length);
    engine.heap.set(bytes, from);
    engine.instance[direction](from, to, bytes.length, itemSize);
    return place(engine.heap.subarray(to, to + bytes.length), into);
  });
}
