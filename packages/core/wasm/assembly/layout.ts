/**
 * Where the tables and buffers of the decoders lie in memory. Nothing is ever allocated here: the caller puts a
 * chunk's bytes and its results behind `HEAP`, and keeps `SLACK` bytes free before and after each of them, for
 * copies and bit readers work in words that may reach beyond what they are about.
 *
 * @module
 */

/** Bytes that copies may write, and readers may read, outside of a region; nothing that counts lies there. */
export const SLACK: usize = 64;

/** CRC-32 and CRC-32C: eight tables of 256 words each. */
export const CRC32_TABLES: usize = 0x400;
export const CRC32C_TABLES: usize = 0x2400;

/** For matches that overlap themselves: 16 shuffles of 16 bytes, one a distance. */
export const PATTERNS: usize = 0x4400;

/** Code lengths and symbols while a Huffman code of deflate is read, and its two tables. */
export const INFLATE_LENGTHS: usize = 0x4800;
export const INFLATE_SORTED: usize = 0x4a00;
export const INFLATE_LITERALS: usize = 0x5000;
export const INFLATE_DISTANCES: usize = 0x9000;

/** Zstandard: weights or counts while a table is read, the tables of sequences, and that of literals. */
export const ZSTD_COUNTS: usize = 0xb000;
export const ZSTD_WEIGHTS: usize = 0xb200;
export const ZSTD_WEIGHT_TABLE: usize = 0xb400;
export const ZSTD_SPREAD: usize = 0xb800;
export const ZSTD_LITERAL_LENGTHS: usize = 0xc000;
export const ZSTD_MATCH_LENGTHS: usize = 0xd000;
export const ZSTD_OFFSETS: usize = 0xe000;
export const ZSTD_HUFFMAN: usize = 0xe800;
/** Decoded literals of one block, at most 128 KiB, with slack. */
export const ZSTD_LITERALS: usize = 0x10000;

/** The positions that the LZ4 encoder remembers; no decoder runs meanwhile. */
export const LZ4_POSITIONS: usize = 0x10000;

/** LZW: the address and length of each string, and all bytes; no other decoder runs meanwhile. */
export const LZW_STRINGS: usize = 0x10000;
export const LZW_LITERALS: usize = 0x18000;

/** Constant tables that the compiler places (`--memoryBase`). */
export const CONSTANTS: usize = 0x38000;

/** From here on memory is the caller's. */
export const HEAP: usize = 0x40000;
