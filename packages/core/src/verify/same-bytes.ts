/** Whether two stretches of memory hold the same bytes: word by word where they lie at multiples of four. */
export function sameBytes(one: ArrayBufferView, other: ArrayBufferView): boolean {
  const { byteLength } = one;
  if (byteLength !== other.byteLength) return false;
  const isAligned = one.byteOffset % 4 === 0 && other.byteOffset % 4 === 0;
  const words = isAligned ? byteLength >> 2 : 0;
  const [ones, others] = [wordsOf(one, words), wordsOf(other, words)];
  for (let k = 0; k < words; k++) if (ones[k] !== others[k]) return false;
  const [left, right] = [bytesOf(one), bytesOf(other)];
  for (let k = words * 4; k < byteLength; k++) if (left[k] !== right[k]) return false;
  return true;
}

function wordsOf({ buffer, byteOffset }: ArrayBufferView, count: number): Uint32Array {
  return count === 0 ? new Uint32Array(0) : new Uint32Array(buffer, byteOffset, count);
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
