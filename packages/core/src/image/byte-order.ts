/** Whether this machine's typed arrays are little-endian. */
export const IS_LITTLE_ENDIAN: boolean = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** Reverses the bytes of every element, in place. */
export function swapBytes(bytes: Uint8Array, itemSize: number): void {
  const { buffer, byteOffset, byteLength } = bytes;
  if (itemSize === 2 && byteOffset % 2 === 0) {
    const words = new Uint16Array(buffer, byteOffset, byteLength >> 1);
    for (let k = 0; k < words.length; k++) {
      const word = words[k] as number;
      words[k] = (word << 8) | (word >> 8);
    }
    return;
  }
  if ((itemSize === 4 || itemSize === 8) && byteOffset % 4 === 0) {
    const words = new Int32Array(buffer, byteOffset, byteLength >> 2);
    for (let k = 0; k < words.length; k++) words[k] = swapped32(words[k] as number);
    if (itemSize === 8) swapPairs(words);
    return;
  }
  for (let at = 0; at + itemSize <= byteLength; at += itemSize) {
    for (let [low, high] = [at, at + itemSize - 1]; low < high; low++, high--) {
      const byte = bytes[low] as number;
      bytes[low] = bytes[high] as number;
      bytes[high] = byte;
    }
  }
}

function swapPairs(words: Int32Array): void {
  for (let k = 0; k + 1 < words.length; k += 2) {
    const first = words[k] as number;
    words[k] = words[k + 1] as number;
    words[k + 1] = first;
  }
}

function swapped32(value: number): number {
  return (value << 24) | ((value & 0xff00) << 8) | ((value >> 8) & 0xff00) | (value >>> 24);
}
