import { type Deflate, UNKNOWN_SYSTEM } from "./deflate.js";

/** Bytes around the deflated data: of zlib (RFC 1950) before and behind, of gzip (RFC 1952) before. */
const [ZLIB_HEADER, ZLIB_TRAILER, GZIP_HEADER] = [2, 4, 10];

/**
 * Puts a chunk that zlib has compressed into the envelope of gzip, which Zarr v3 has a codec for: the deflated
 * data stay as they are. They are inflated all the same, for gzip's checksum is another one.
 *
 * @param size bytes of the decoded chunk
 * @returns the bytes, or what is wrong with the chunk as the end of a sentence about it
 */
export async function rewrapZlib(
  bytes: Uint8Array,
  size: number,
  deflate: Deflate,
): Promise<Uint8Array | string> {
  const inflated = await deflate.inflate(bytes, "deflate", size);
  if (typeof inflated === "string") return inflated;
  // A dictionary that was agreed on beforehand has no place in gzip; `inflate` knows none either.
  const body = bytes.subarray(ZLIB_HEADER, bytes.length - ZLIB_TRAILER);
  const out = new Uint8Array(GZIP_HEADER + body.length + 8);
  out.set([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, UNKNOWN_SYSTEM]);
  out.set(body, GZIP_HEADER);
  const view = new DataView(out.buffer);
  view.setUint32(GZIP_HEADER + body.length, crc32(inflated), true);
  view.setUint32(GZIP_HEADER + body.length + 4, inflated.length, true);
  return out;
}

/** CRC-32 (RFC 1952, 8). */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ (TABLE[(crc ^ byte) & 0xff] as number);
  return ~crc >>> 0;
}

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  return crc >>> 0;
});
