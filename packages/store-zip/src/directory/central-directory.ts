/**
 * The central directory in columns: one typed array for each field, all names in one array of bytes, and a hash table
 * over them. Without an object for each entry, a million entries take some 80 MB and 0.3 s, and typed arrays can be
 * cloned to other threads or shared with them.
 *
 * @module
 */

import { FLAG_UTF8 } from "../records/fields.js";

/** Columns of the central directory (APPNOTE 4.3.12); index `i` is the i-th header in the file. */
export interface CentralDirectory {
  /** The number of entries. */
  readonly count: number;
  /** All names in UTF-8, one after the other. */
  readonly names: Uint8Array;
  /** Where each name ends in `names`; it starts at the end of the previous one. */
  readonly nameEnds: Uint32Array;
  /** Where each local header starts, in bytes from the start of the file. */
  readonly headerOffsets: Float64Array;
  /** Bytes of each entry's data in the file. */
  readonly compressedSizes: Float64Array;
  /** Bytes of each entry's data. */
  readonly sizes: Float64Array;
  /** CRC-32 of each entry's data. */
  readonly crcs: Uint32Array;
  /** Compression methods: 0 is stored, 8 is deflate. */
  readonly methods: Uint16Array;
  /** General purpose flags (APPNOTE 4.4.4). */
  readonly flags: Uint16Array;
  /** The `MARK_` bits of `directory/central-directory.ts`. */
  readonly marks: Uint8Array;
  /** A hash table of names, with open addressing and a power of two of slots: an index + 1, or 0 for a free slot. */
  readonly slots: Uint32Array;
}

/** A later header has the same name and replaces this one. */
export const MARK_SHADOWED = 1;
/** The name ends with a slash. */
export const MARK_DIRECTORY = 2;
/** Its external attributes say that it is a symbolic link. */
export const MARK_SYMLINK = 4;
/** Its header or data overlaps another entry's or the central directory. */
export const MARK_OVERLAPS = 8;
/** Its central header has a ZIP64 field in use. */
export const MARK_ZIP64 = 16;
/** Its name in the file differs from that in `names`: it is in code page 437, or an extra field has it in UTF-8. */
export const MARK_RENAMED = 32;

/** One row of the columns of a {@link CentralDirectory}. */
export interface DirectoryEntry {
  /** Its index in the columns. */
  readonly index: number;
  readonly name: string;
  /** Bytes of the name in UTF-8. */
  readonly nameLength: number;
  /** Where its local header starts, in bytes from the start of the file. */
  readonly headerOffset: number;
  /** Bytes of its data in the file. */
  readonly compressedSize: number;
  /** Bytes of its data. */
  readonly size: number;
  /** CRC-32 of its data. */
  readonly crc: number;
  /** The compression method: 0 is stored, 8 is deflate. */
  readonly method: number;
  /** General purpose flags (APPNOTE 4.4.4). */
  readonly flags: number;
  /** The `MARK_` bits. */
  readonly marks: number;
}

/** The name of entry `index`, as bytes. */
export function nameBytesAt(directory: CentralDirectory, index: number): Uint8Array {
  const start = index === 0 ? 0 : directory.nameEnds[index - 1];
  return directory.names.subarray(start, directory.nameEnds[index]);
}

/** The name of entry `index`. */
export function nameAt(directory: CentralDirectory, index: number): string {
  return decode(nameBytesAt(directory, index));
}

/** The entry at `index`, which must be below `count`. */
export function entryAt(directory: CentralDirectory, index: number): DirectoryEntry {
  const name = nameBytesAt(directory, index);
  return rowAt(directory, index, decode(name), name.length);
}

function rowAt(directory: CentralDirectory, index: number, name: string, nameLength: number): DirectoryEntry {
  return {
    index,
    name,
    nameLength,
    headerOffset: directory.headerOffsets[index] as number,
    compressedSize: directory.compressedSizes[index] as number,
    size: directory.sizes[index] as number,
    crc: directory.crcs[index] as number,
    method: directory.methods[index] as number,
    flags: directory.flags[index] as number,
    marks: directory.marks[index] as number,
  };
}

/** The entry with this name, or undefined. If there are several, the last header in the directory wins. */
export function findEntry(directory: CentralDirectory, name: string): DirectoryEntry | undefined {
  const bytes = encode(name);
  const { names, nameEnds, slots } = directory;
  const mask = slots.length - 1;
  for (let slot = hashName(bytes, 0, bytes.length) & mask; ; slot = (slot + 1) & mask) {
    const candidate = slots[slot] as number;
    if (candidate === 0) return undefined;
    const start = candidate === 1 ? 0 : (nameEnds[candidate - 2] as number);
    if (hasBytesAt(names, start, nameEnds[candidate - 1] as number, bytes)) {
      return rowAt(directory, candidate - 1, name, bytes.length);
    }
  }
}

/** FNV-1a of the bytes at `start..end`, with the upper half folded into the lower bits, which the table uses. */
export function hashName(bytes: Uint8Array, start: number, end: number): number {
  let value = 0x811c9dc5;
  for (let i = start; i < end; i++) value = Math.imul(value ^ (bytes[i] as number), 0x01000193);
  return (value ^ (value >>> 15)) >>> 0;
}

/** Whether the bytes at `start..end` of `bytes` are those of `expected`. */
export function hasBytesAt(bytes: Uint8Array, start: number, end: number, expected: Uint8Array): boolean {
  if (end - start !== expected.length) return false;
  for (let i = 0; i < expected.length; i++) if (bytes[start + i] !== expected[i]) return false;
  return true;
}

/** The name's bytes, valid until the next call: each read looks a name up, and new buffers are slow. */
function encode(name: string): Uint8Array {
  // A UTF-16 unit becomes at most three bytes.
  if (name.length * 3 > encoded.length) return ENCODER.encode(name);
  return encoded.subarray(0, ENCODER.encodeInto(name, encoded).written);
}

/** In browsers TextDecoder rejects shared memory. */
function decode(name: Uint8Array): string {
  return UTF8.decode(name.buffer instanceof ArrayBuffer ? name : name.slice());
}

const ENCODER = new TextEncoder();
const encoded = new Uint8Array(1024);
// In a name a byte order mark is a character like any other.
const UTF8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** The general purpose flags of an entry that is written: bit 11 unless its name is ASCII. */
export function flagsFor(name: Uint8Array): number {
  return isAscii(name) ? 0 : FLAG_UTF8;
}

/** Whether all bytes, or those at `start..end`, are ASCII. */
export function isAscii(bytes: Uint8Array, start = 0, end = bytes.length): boolean {
  for (let i = start; i < end; i++) if ((bytes[i] as number) > 0x7f) return false;
  return true;
}

/** Whether the bytes are well-formed UTF-8. Many writers write UTF-8 without setting its flag. */
export function isUtf8(bytes: Uint8Array): boolean {
  try {
    STRICT.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** Decodes a name in IBM code page 437, the original encoding of ZIP (APPNOTE, appendix D). */
export function decodeCp437(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += byte < 0x80 ? String.fromCharCode(byte) : CP437.charAt(byte - 0x80);
  return text;
}

const STRICT = new TextDecoder("utf-8", { fatal: true });

const CP437 =
  "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0";
