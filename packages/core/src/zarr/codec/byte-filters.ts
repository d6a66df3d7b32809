/**
 * Shuffles the bytes of elements, as Blosc and the `shuffle` codec of numcodecs do so that they compress better: first
 * byte 0 of all elements, then byte 1 of all, and so on. Bytes after the last whole element stay where they are.
 *
 * @param itemSize bytes of an element
 */
export function shuffleBytes(bytes: Uint8Array, itemSize: number): Uint8Array {
  const elements = Math.floor(bytes.length / itemSize);
  const out = new Uint8Array(bytes.length);
  for (let k = 0, to = 0; k < itemSize; k++) {
    for (let from = k, i = 0; i < elements; i++, from += itemSize) out[to++] = bytes[from] as number;
  }
  out.set(bytes.subarray(elements * itemSize), elements * itemSize);
  return out;
}

/** The inverse of {@link shuffleBytes}. */
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
 * Shuffles the bits of elements as Blosc does: first bit 0 of byte 0 of all elements, then bit 1, and so on, with the
 * first element in the lowest bit. As in c-blosc 1, the bytes are returned unchanged where the number of elements is not a
 * multiple of eight.
 *
 * @param itemSize bytes of an element
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

/** CRC-32C (Castagnoli; RFC 3720, appendix B.4), the checksum of Zarr's `crc32c` codec. */
export function crc32c(bytes: Uint8Array): number {
  return crc(bytes, CRC32C_TABLE);
}

/** CRC-32, the checksum of gzip (RFC 1952, 8). */
export function crc32(bytes: Uint8Array): number {
  return crc(bytes, CRC32_TABLE);
}

function crc(bytes: Uint8Array, table: Uint32Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ (table[(crc ^ byte) & 0xff] as number);
  return ~crc >>> 0;
}

const CRC32C_TABLE = /* @__PURE__ */ crcTable(0x82f63b78);
const CRC32_TABLE = /* @__PURE__ */ crcTable(0xedb88320);

/** @param polynomial with its bits reversed */
function crcTable(polynomial: number): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? polynomial : 0);
    return crc >>> 0;
  });
}

/**
 * Checks bytes that end with their own CRC-32C.
 *
 * @returns what is wrong, as the end of a sentence about them; undefined where nothing is
 */
export function crc32cFault(bytes: Uint8Array): string | undefined {
  if (bytes.length < 4) return "is too short for a checksum";
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const stored = view.getUint32(bytes.length - 4, true);
  const actual = crc32c(bytes.subarray(0, bytes.length - 4));
  return stored === actual ? undefined : `has the CRC-32C ${hex(actual)}, not ${hex(stored)} as stored`;
}

function hex(value: number): string {
  return value.toString(16).padStart(8, "0");
}
