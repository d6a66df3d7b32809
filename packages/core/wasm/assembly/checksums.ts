import { CRC32_TABLES, CRC32C_TABLES } from "./layout";

/** The polynomials in reversed order of bits: of gzip (RFC 1952, 8) and of iSCSI (RFC 3720, B.4). */
const CRC32_POLYNOMIAL: u32 = 0xedb88320;
const CRC32C_POLYNOMIAL: u32 = 0x82f63b78;

function prepareTables(tables: usize, polynomial: u32): void {
  for (let byte: u32 = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (crc & 1 ? polynomial : 0);
    store<u32>(tables + (byte << 2), crc);
  }
  for (let byte: u32 = 0; byte < 256; byte++) {
    let crc = load<u32>(tables + (byte << 2));
    for (let table: usize = 1; table < 8; table++) {
      crc = (crc >> 8) ^ load<u32>(tables + ((crc & 255) << 2));
      store<u32>(tables + (table << 10) + (byte << 2), crc);
    }
  }
}

export function prepareChecksums(): void {
  prepareTables(CRC32_TABLES, CRC32_POLYNOMIAL);
  prepareTables(CRC32C_TABLES, CRC32C_POLYNOMIAL);
}

// @ts-ignore: decorator
@inline
function entry(tables: usize, table: usize, byte: u32): u32 {
  return load<u32>(tables + (table << 10) + (byte << 2));
}

/** Eight bytes a step ("slicing by 8"). */
function crc(tables: usize, at: usize, length: usize): u32 {
  let value: u32 = 0xffffffff;
  const end = at + length;
  for (; at + 8 <= end; at += 8) {
    const low = value ^ load<u32>(at, 0, 1);
    const high = load<u32>(at, 4, 1);
    value =
      entry(tables, 7, low & 255) ^
      entry(tables, 6, (low >> 8) & 255) ^
      entry(tables, 5, (low >> 16) & 255) ^
      entry(tables, 4, low >> 24) ^
      entry(tables, 3, high & 255) ^
      entry(tables, 2, (high >> 8) & 255) ^
      entry(tables, 1, (high >> 16) & 255) ^
      entry(tables, 0, high >> 24);
  }
  for (; at < end; at++) value = (value >> 8) ^ entry(tables, 0, (value ^ load<u8>(at)) & 255);
  return ~value;
}

export function crc32(at: usize, length: usize): u32 {
  return crc(CRC32_TABLES, at, length);
}

export function crc32c(at: usize, length: usize): u32 {
  return crc(CRC32C_TABLES, at, length);
}

/** Adler-32 (RFC 1950, 8.2). */
export function adler32(at: usize, length: usize): u32 {
  let a: u32 = 1;
  let b: u32 = 0;
  const end = at + length;
  while (at < end) {
    // So many bytes can be added before 32 bits overflow.
    const stop = min(end, at + 5552);
    for (; at < stop; at++) {
      a += load<u8>(at);
      b += a;
    }
    a %= 65521;
    b %= 65521;
  }
  return (b << 16) | a;
}

const P1: u64 = 0x9e3779b185ebca87;
const P2: u64 = 0xc2b2ae3d27d4eb4f;
const P3: u64 = 0x165667b19e3779f9;
const P4: u64 = 0x85ebca77c2b2ae63;
const P5: u64 = 0x27d4eb2f165667c5;

// @ts-ignore: decorator
@inline
function round(lane: u64, word: u64): u64 {
  return rotl(lane + word * P2, 31) * P1;
}

// @ts-ignore: decorator
@inline
function merge(hash: u64, lane: u64): u64 {
  return (hash ^ round(0, lane)) * P1 + P4;
}

/** The lower half of XXH64 with seed 0, the checksum of Zstandard frames (RFC 8878, 3.1.1). */
export function xxh64Low(at: usize, length: usize): u32 {
  const end = at + length;
  let hash: u64;
  if (length >= 32) {
    let a: u64 = P1 + P2;
    let b: u64 = P2;
    let c: u64 = 0;
    let d: u64 = 0 - P1;
    for (; at + 32 <= end; at += 32) {
      a = round(a, load<u64>(at, 0, 1));
      b = round(b, load<u64>(at, 8, 1));
      c = round(c, load<u64>(at, 16, 1));
      d = round(d, load<u64>(at, 24, 1));
    }
    hash = rotl(a, 1) + rotl(b, 7) + rotl(c, 12) + rotl(d, 18);
    hash = merge(merge(merge(merge(hash, a), b), c), d);
  } else {
    hash = P5;
  }
  hash += length as u64;
  for (; at + 8 <= end; at += 8) hash = rotl(hash ^ round(0, load<u64>(at, 0, 1)), 27) * P1 + P4;
  if (at + 4 <= end) {
    hash = rotl(hash ^ ((load<u32>(at, 0, 1) as u64) * P1), 23) * P2 + P3;
    at += 4;
  }
  for (; at < end; at++) hash = rotl(hash ^ ((load<u8>(at) as u64) * P5), 11) * P1;
  hash = (hash ^ (hash >> 33)) * P2;
  hash = (hash ^ (hash >> 29)) * P3;
  return (hash ^ (hash >> 32)) as u32;
}
