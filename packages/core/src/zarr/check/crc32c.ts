/** CRC-32C (Castagnoli, RFC 3720 appendix B.4), which shard indices and chunks end with. */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (let i = 0; i < bytes.length; i++) {
    crc = (TABLE[(crc ^ (bytes[i] as number)) & 0xff] as number) ^ (crc >>> 8);
  }
  return (crc ^ 0xffff_ffff) >>> 0;
}

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

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let bit = 0; bit < 8; bit++) c = c & 1 ? 0x82f6_3b78 ^ (c >>> 1) : c >>> 1;
  return c;
});
