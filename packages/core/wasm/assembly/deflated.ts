import { adler32, crc32 } from "./checksums";
import { CHECKSUM, CORRUPT, CUT_SHORT, DICTIONARY, TRAILING } from "./fault";
import { inflate, inflateFrom, inflateTo } from "./inflate";

/**
 * Inflates zlib's envelope (RFC 1950); what follows it is not looked at, as in Python's `zlib`.
 *
 * @returns bytes that came out, or what is wrong
 */
export function decodeZlib(from: usize, fromEnd: usize, to: usize, toEnd: usize): i32 {
  if (fromEnd - from < 2) return CUT_SHORT;
  const method = load<u8>(from) as u32;
  const flags = load<u8>(from, 1) as u32;
  if ((method & 15) !== 8 || method >> 4 > 7 || ((method << 8) | flags) % 31 !== 0) return CORRUPT;
  if (flags & 0x20) return DICTIONARY;
  const fault = inflate(from + 2, fromEnd, to, toEnd);
  if (fault < 0) return fault;
  const at = inflateFrom;
  if (fromEnd - at < 4) return CUT_SHORT;
  if (bswap(load<u32>(at, 0, 1)) !== adler32(to, inflateTo - to)) return CHECKSUM;
  return (inflateTo - to) as i32;
}

/**
 * Inflates all members of a gzip file (RFC 1952); zeros may follow them, as in Python's `gzip`.
 *
 * @returns bytes that came out, or what is wrong
 */
export function decodeGzip(from: usize, fromEnd: usize, to: usize, toEnd: usize): i32 {
  const start = to;
  let members = 0;
  while (true) {
    if (members > 0) {
      while (from < fromEnd && load<u8>(from) === 0) from++;
      if (from === fromEnd) return (to - start) as i32;
    }
    if (fromEnd - from < 10) return members > 0 ? TRAILING : CUT_SHORT;
    if (load<u16>(from, 0, 1) !== 0x8b1f) return members > 0 ? TRAILING : CORRUPT;
    if (load<u8>(from, 2) !== 8) return CORRUPT;
    const flags = load<u8>(from, 3) as u32;
    if (flags & 0xe0) return CORRUPT;
    from += 10;
    if (flags & 4) {
      if (fromEnd - from < 2) return CUT_SHORT;
      const length = load<u16>(from, 0, 1) as usize;
      from += 2;
      if (fromEnd - from < length) return CUT_SHORT;
      from += length;
    }
    for (let texts = ((flags >> 3) & 1) + ((flags >> 4) & 1); texts > 0; texts--) {
      while (from < fromEnd && load<u8>(from) !== 0) from++;
      if (from >= fromEnd) return CUT_SHORT;
      from++;
    }
    if (flags & 2) {
      if (fromEnd - from < 2) return CUT_SHORT;
      from += 2;
    }
    const fault = inflate(from, fromEnd, to, toEnd);
    if (fault < 0) return fault;
    from = inflateFrom;
    if (fromEnd - from < 8) return CUT_SHORT;
    const length = inflateTo - to;
    if (load<u32>(from, 0, 1) !== crc32(to, length) || (load<u32>(from, 4, 1) as usize) !== length)
      return CHECKSUM;
    from += 8;
    to = inflateTo;
    members++;
  }
}
