/**
 * Zstandard's bitstreams are read from their end (RFC 8878, 4.1). A position counts the bits that are left, so that
 * the next bits are those right below it; it becomes negative where more is read than there is, and whoever reads
 * looks at that before it goes far. Words may reach before the start of the stream, where the chunk's memory has slack.
 *
 * @module
 */

/** The position of a stream's first bit, behind the mark in its last byte; negative where there is none. */
export function streamStart(from: usize, length: usize): i32 {
  const last = load<u8>(from + length - 1) as u32;
  if (last === 0) return -1;
  return ((length as i32) << 3) - (clz(last) as i32) + 23;
}

/** The next `count` bits (at most 25) below `position`, which stays as it is. */
// @ts-ignore: decorator
@inline
export function peek(from: usize, position: i32, count: u32): u32 {
  const low = position - (count as i32);
  return (load<u32>(from + (low >> 3), 0, 1) >> (low & 7)) & ((1 << count) - 1);
}

/** Bits below `position`, the next ones in the highest places: at least 57. */
// @ts-ignore: decorator
@inline
export function window(from: usize, position: i32): u64 {
  const end = (position + 7) >> 3;
  return load<u64>(from + end - 8, 0, 1) << (((end << 3) - position) as u64);
}

/** Bits below `position`, the next ones in the highest places: at least 25. */
// @ts-ignore: decorator
@inline
export function smallWindow(from: usize, position: i32): u32 {
  const end = (position + 7) >> 3;
  return load<u32>(from + end - 4, 0, 1) << ((end << 3) - position);
}
