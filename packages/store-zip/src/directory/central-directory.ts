/**
 * The central directory as columns: one typed array a field, all names in one run of bytes, and a hash table
 * over them. There is no object an entry, so a million entries take some 80 MB and 0.3 s; and typed arrays
 * can be cloned to, or shared with, other threads as they are.
 *
 * @module
 */

import { FLAG_UTF8 } from "../records/fields.js";

/** Columns of the central directory; index `i` is the i-th header in the file. */
export interface CentralDirectory {
  readonly count: number;
  /** UTF-8, one name after the other. */
  readonly names: Uint8Array;
  /** Where each name ends in `names`; it starts where the one before ends. */
  readonly nameEnds: Uint32Array;
  /** Where each local header starts, in bytes from the start of the file. */
  readonly headerOffsets: Float64Array;
  readonly compressedSizes: Float64Array;
  readonly sizes: Float64Array;
  readonly crcs: Uint32Array;
  readonly methods: Uint16Array;
  readonly flags: Uint16Array;
  /** The `MARK_` bits. */
  readonly marks: Uint8Array;
  /** Open addressing, a power of two long: an index + 1, or 0 where free. */
  readonly slots: Uint32Array;
}

/** A later header has the same name: this one is no longer part of the archive. */
export const MARK_SHADOWED = 1;
/** The name ends with a slash. */
export const MARK_DIRECTORY = 2;
export const MARK_SYMLINK = 4;
/** Its header or data lies on top of another entry's or of the central directory. */
export const MARK_OVERLAPS = 8;
/** Its central header has a ZIP64 field in use. */
export const MARK_ZIP64 = 16;
/** Its name in the file is not the UTF-8 that stands here: it is in code page 437, or an extra field has the true one. */
export const MARK_RENAMED = 32;

/** One row of the columns. */
export interface DirectoryEntry {
  readonly index: number;
  readonly name: string;
  readonly nameLength: number;
  readonly headerOffset: number;
  readonly compressedSize: number;
  readonly size: number;
  readonly crc: number;
  readonly method: number;
  readonly flags: number;
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

/** Row `index`, which must be below `count`. */
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

/** The entry with this name, or undefined. Where a name stands twice, the last header counts (DESIGN 4). */
export function findEntry(directory: CentralDirectory, name: string): DirectoryEntry | undefined {
  const bytes = encode(name);
  const { names, nameEnds, slots } = directory;
  const mask = slots.length - 1;
  for (let slot = hashName(bytes, 0, bytes.length) & mask; ; slot = (slot + 1) & mask) {
    const candidate = slots[slot] as number;
    if (candidate === 0) return undefined;
    const start = candidate === 1 ? 0 : (nameEnds[candidate - 2] as number);
    if (equalBytes(names, start, nameEnds[candidate - 1] as number, bytes, 0, bytes.length)) {
      return rowAt(directory, candidate - 1, name, bytes.length);
    }
  }
}

/** FNV-1a of the bytes at `start..end`, with the upper half folded into the lower bits that the table uses. */
export function hashName(bytes: Uint8Array, start: number, end: number): number {
  let value = 0x811c9dc5;
  for (let i = start; i < end; i++) value = Math.imul(value ^ (bytes[i] as number), 0x01000193);
  return (value ^ (value >>> 15)) >>> 0;
}

/** Whether the bytes of `a` at `aStart..aEnd` are those of `b` at `bStart..bEnd`. */
export function equalBytes(
  a: Uint8Array,
  aStart: number,
  aEnd: number,
  b: Uint8Array,
  bStart: number,
  bEnd: number,
): boolean {
  const length = aEnd - aStart;
  if (length !== bEnd - bStart) return false;
  for (let i = 0; i < length; i++) if (a[aStart + i] !== b[bStart + i]) return false;
  return true;
}

/** The name's bytes, good until the next call: names are looked up for each read, and buffers are dear. */
function encode(name: string): Uint8Array {
  // A unit of UTF-16 takes three bytes at most.
  if (name.length * 3 > encoded.length) return ENCODER.encode(name);
  return encoded.subarray(0, ENCODER.encodeInto(name, encoded).written);
}

/** TextDecoder takes no shared memory in browsers. */
function decode(name: Uint8Array): string {
  return UTF8.decode(name.buffer instanceof ArrayBuffer ? name : name.slice());
}

const ENCODER = new TextEncoder();
const encoded = new Uint8Array(1024);
// A byte order mark is part of a name like any other character.
const UTF8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** The flags of an entry that is written: whether its name is more than ASCII is all there is to say. */
export function flagsFor(name: Uint8Array): number {
  return isAscii(name) ? 0 : FLAG_UTF8;
}

/** Whether all bytes, or those at `start..end`, are ASCII. */
export function isAscii(bytes: Uint8Array, start = 0, end = bytes.length): boolean {
  for (let i = start; i < end; i++) if ((bytes[i] as number) > 0x7f) return false;
  return true;
}

/** Whether the bytes are well-formed UTF-8. Many writers write UTF-8 and forget to set the flag. */
export function isUtf8(bytes: Uint8Array): boolean {
  try {
    STRICT.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** A name in IBM code page 437, ZIP's encoding of old (APPNOTE, appendix D). */
export function decodeCp437(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += byte < 0x80 ? String.fromCharCode(byte) : CP437.charAt(byte - 0x80);
  return text;
}

const STRICT = new TextDecoder("utf-8", { fatal: true });

const CP437 =
  "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0";
