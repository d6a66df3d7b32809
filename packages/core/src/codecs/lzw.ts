import type { Engine } from "./engine/engine.js";
import { DamagedChunkError } from "./fault.js";
import { place } from "./size.js";

/**
 * Decodes LZW as TIFF 6.0, section 13, has it. Where the stream starts with a Clear code of the other bit order, it is
 * of the kind that libtiff calls old-style: least significant bit first, and codes grow one later.
 *
 * What follows `length` bytes is ignored, and so is whether there is an end code: not all writers have it.
 *
 * @param length the bytes that must come out
 * @throws DamagedChunkError
 */
export function decodeLzw(engine: Engine, bytes: Uint8Array, length: number): Uint8Array {
  return engine.use("lzw", () => {
    const [from = 0, to = 0] = engine.layOut("lzw", bytes.length, length);
    engine.heap.set(bytes, from);
    const found = engine.instance.lzw(from, bytes.length, to, length, Number(isOldStyle(bytes)));
    if (found < 0) throw new DamagedChunkError("lzw", "does not decode: it uses a code before it is defined");
    if (found < length)
      throw new DamagedChunkError("lzw", `is truncated: it has ${found} of ${length} bytes`);
    return place(engine.heap.subarray(to, to + length), undefined);
  });
}

/** The Clear code in nine bits, least significant bit first. */
function isOldStyle(bytes: Uint8Array): boolean {
  return bytes.length >= 2 && bytes[0] === 0 && ((bytes[1] as number) & 1) === 1;
}
