/**
 * Joins the encoded chunks of one shard (Zarr v3, `sharding_indexed`): the chunks one after another, then an
 * index of offset and length for each position, little-endian 64 bits, then the index's CRC-32C. A chunk
 * that is undefined holds only the fill value and has no bytes.
 */
export function encodeShard(chunks: readonly (Uint8Array | undefined)[]): Uint8Array {
  const dataSize = chunks.reduce((sum, chunk) => sum + (chunk?.length ?? 0), 0);
  const shard = new Uint8Array(dataSize + chunks.length * 16 + 4);
  const view = new DataView(shard.buffer);
  let offset = 0;
  chunks.forEach((chunk, i) => {
    const entry = dataSize + i * 16;
    view.setBigUint64(entry, chunk === undefined ? ABSENT : BigInt(offset), true);
    view.setBigUint64(entry + 8, chunk === undefined ? ABSENT : BigInt(chunk.length), true);
    if (chunk === undefined) return;
    shard.set(chunk, offset);
    offset += chunk.length;
  });
  view.setUint32(shard.length - 4, crc32c(shard.subarray(dataSize, shard.length - 4)), true);
  return shard;
}

const ABSENT = 0xffff_ffff_ffff_ffffn;

/** CRC-32C (Castagnoli, RFC 3720 appendix B.4). */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) crc = (TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return (crc ^ 0xffff_ffff) >>> 0;
}

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let bit = 0; bit < 8; bit++) c = c & 1 ? 0x82f6_3b78 ^ (c >>> 1) : c >>> 1;
  return c;
});
