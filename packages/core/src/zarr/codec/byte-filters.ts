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

/** CRC-32C (Castagnoli), the checksum that Zarr's `crc32c` codec puts behind a shard's index (RFC 3720, appendix B.4). */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ (CRC32C_TABLE[(crc ^ byte) & 0xff] as number);
  return ~crc >>> 0;
}

const POLYNOMIAL = 0x82f63b78;

const CRC32C_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? POLYNOMIAL : 0);
  return crc >>> 0;
});

/** Why bytes that end with their own CRC-32C are damaged, or undefined where they are not. */
export function crc32cFault(bytes: Uint8Array): string | undefined {
  if (bytes.length < 4) return "is too short for a checksum";
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const stored = view.getUint32(bytes.length - 4, true);
  const actual = crc32c(bytes.subarray(0, bytes.length - 4));
  return stored === actual
    ? undefined
    : `does not have the CRC-32C that it claims (${hex(actual)}, not ${hex(stored)})`;
}

function hex(value: number): string {
  return value.toString(16).padStart(8, "0");
}
