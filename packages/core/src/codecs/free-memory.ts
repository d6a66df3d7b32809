/** Smaller buffers may be parts of one that others use (`Buffer.poolSize`), and cost little until they are collected. */
const WORTH_FREEING = 1024 * 1024;

/** What engines have since 2023, Node from 21 on. */
interface TransferableBuffer {
  transfer?(length: number): ArrayBuffer;
}

/**
 * Frees the memory of bytes that nobody uses any more at once, where the engine can. An engine only looks for such memory
 * when a thread has made 64 MB of it.
 */
export function freeMemory({ buffer }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength >= WORTH_FREEING) {
    const owner: ArrayBuffer & TransferableBuffer = buffer;
    owner.transfer?.(0);
  }
}

/**
 * Bytes in memory of just their length, where the engine can do so: what is behind them is free then.
 *
 * @param bytes nobody else has their memory
 */
export function shrinkMemory(bytes: Uint8Array): Uint8Array {
  const { buffer, byteOffset, length } = bytes;
  if (!(buffer instanceof ArrayBuffer) || byteOffset > 0 || buffer.byteLength < WORTH_FREEING) return bytes;
  const owner: ArrayBuffer & TransferableBuffer = buffer;
  const shrunk = owner.transfer?.(length);
  return shrunk === undefined ? bytes : new Uint8Array(shrunk);
}
