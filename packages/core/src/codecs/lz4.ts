import { UsageError } from "../errors.js";
import type { Engine } from "./engine/engine.js";
import { DamagedChunkError, faultError, wrongSizeError } from "./fault.js";
import { type DecodedSize, isSize } from "./size.js";

/** numcodecs' own envelope: the decoded length in four bytes before one LZ4 block. */
const LENGTH_BYTES = 4;
/** LZ4_MAX_INPUT_SIZE. */
const LARGEST = 0x7e000000;

/**
 * Decodes a chunk of numcodecs' `lz4`.
 *
 * @returns a view that the next call overwrites
 * @throws DamagedChunkError
 */
export function viewLz4(engine: Engine, bytes: Uint8Array, size: DecodedSize): Uint8Array {
  if (bytes.length <= LENGTH_BYTES)
    throw new DamagedChunkError("lz4", `has ${bytes.length} bytes, too few for data`);
  const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true);
  if (!isSize(length, size)) {
    if (typeof size === "number") throw wrongSizeError("lz4", length, size);
    throw new DamagedChunkError("lz4", `decodes to more than ${size.atMost} bytes`);
  }
  return engine.use("lz4", () => {
    const packed = bytes.subarray(LENGTH_BYTES);
    const [from = 0, to = 0] = engine.layOut("lz4", packed.length, length);
    engine.heap.set(packed, from);
    const result = engine.instance.lz4(from, packed.length, to, length);
    if (result < 0) throw faultError("lz4", result, length);
    return engine.heap.subarray(to, to + length);
  });
}

/**
 * Encodes a chunk as numcodecs' `lz4` does.
 *
 * @param acceleration from 1 on: faster and larger
 */
export function encodeLz4(engine: Engine, bytes: Uint8Array, acceleration = 1): Uint8Array {
  if (bytes.length > LARGEST)
    throw new UsageError(`lz4 compresses at most ${LARGEST} bytes, not ${bytes.length}`);
  return engine.use("lz4", () => {
    const [from = 0, to = 0] = engine.layOut(
      "lz4",
      bytes.length,
      bytes.length + Math.ceil(bytes.length / 255) + 16,
    );
    engine.heap.set(bytes, from);
    // As LZ4 does: what is no acceleration is the least one, and more than 65537 is that.
    const factor = Math.min(Math.max(Math.trunc(acceleration) || 1, 1), 65537);
    const length = engine.instance.lz4Encode(from, bytes.length, to, factor);
    const out = new Uint8Array(LENGTH_BYTES + length);
    new DataView(out.buffer).setUint32(0, bytes.length, true);
    out.set(engine.heap.subarray(to, to + length), LENGTH_BYTES);
    return out;
  });
}
