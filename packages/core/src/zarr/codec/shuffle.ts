/**
 * The filters of Blosc, which group bytes or bits of the same weight so that they compress better; that of bytes is
 * one of numcodecs' too.
 *
 * @module
 */

/** Byte `k` of all elements, for each `k`; bytes behind the last whole element stay where they are. */
export function shuffleBytes(bytes: Uint8Array, itemSize: number): Uint8Array {
  const elements = Math.floor(bytes.length / itemSize);
  const out = new Uint8Array(bytes.length);
  for (let k = 0, to = 0; k < itemSize; k++) {
    for (let from = k, i = 0; i < elements; i++, from += itemSize) out[to++] = bytes[from] as number;
  }
  out.set(bytes.subarray(elements * itemSize), elements * itemSize);
  return out;
}

/** Undoes {@link shuffleBytes}. */
export function unshuffleBytes(bytes: Uint8Array, itemSize: number): Uint8Array {
  const elements = Math.floor(bytes.length / itemSize);
  const out = new Uint8Array(bytes.length);
  for (let k = 0, from = 0; k < itemSize; k++) {
    for (let to = k, i = 0; i < elements; i++, to += itemSize) out[to] = bytes[from++] as number;
  }
  out.set(bytes.subarray(elements * itemSize), elements * itemSize);
  return out;
}

/**
 * Bit `b` of byte `k` of all elements, for each `k` and each `b`, the first element in the lowest bit. As in
 * c-blosc 1, bytes stay as they are where the elements are no multiple of eight.
 */
export function shuffleBits(bytes: Uint8Array, itemSize: number): Uint8Array {
  const elements = bytes.length / itemSize;
  if (elements % 8 !== 0) return bytes;
  const planes = shuffleBytes(bytes, itemSize);
  const out = new Uint8Array(bytes.length);
  const rowLength = elements / 8;
  for (let k = 0; k < itemSize; k++) {
    for (let j = 0; j < rowLength; j++) {
      const from = k * elements + j * 8;
      for (let b = 0; b < 8; b++) {
        let row = 0;
        for (let i = 0; i < 8; i++) row |= (((planes[from + i] as number) >> b) & 1) << i;
        out[(k * 8 + b) * rowLength + j] = row;
      }
    }
  }
  return out;
}
