/** CRC-32C (Castagnoli; RFC 3720, appendix B.4), the checksum of Zarr's `crc32c` codec. */
export function crc32c(bytes: Uint8Array): number {
  return crc(bytes, CRC32C_TABLE);
}

/** CRC-32, the checksum of gzip (RFC 1952, 8). */
export function crc32(bytes: Uint8Array): number {
  return crc(bytes, CRC32_TABLE);
}

/** Adler-32, the checksum of zlib (RFC 1950, 8.2). */
export function adler32(bytes: Uint8Array): number {
  let [low, high] = [1, 0];
  for (let at = 0; at < bytes.length; ) {
    // So many sums fit into 32 bits.
    const end = Math.min(at + 3800, bytes.length);
    for (; at < end; at++) {
      low += bytes[at] as number;
      high += low;
    }
    low %= 65_521;
    high %= 65_521;
  }
  return ((high << 16) | low) >>> 0;
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
