import { LOCAL_ZIP64_EXTRA_SIZE, resolveZip64, writeZip64Extra } from "./extra-fields.js";
import {
  FIXED_DOS_DATE,
  FIXED_DOS_TIME,
  MAX_TEXT_LENGTH,
  METHOD_STORED,
  RecordError,
  SENTINEL_32,
  VERSION_ZIP64,
  viewOf,
} from "./fields.js";

/**
 * Local file header (APPNOTE 4.3.7).
 *
 * ```
 *  0  4  signature PK\3\4      14  4  CRC-32
 *  4  2  version needed        18  4  compressed size
 *  6  2  flags                 22  4  size
 *  8  2  method                26  2  name length
 * 10  2  time                  28  2  extra length
 * 12  2  date                  30  .  name, extra field, data
 * ```
 */
export const LOCAL_HEADER_SIGNATURE = 0x04034b50;
/** Bytes before the name. */
export const LOCAL_HEADER_SIZE = 30;
/** With the longest name and extra field. */
export const LONGEST_LOCAL_HEADER = LOCAL_HEADER_SIZE + 2 * MAX_TEXT_LENGTH;
const CRC_AT = 14;

/** A local header, with ZIP64 values resolved. */
export interface LocalHeader {
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly compressedSize: number;
  readonly size: number;
  readonly name: Uint8Array;
  readonly extra: Uint8Array;
  /** Whether both size fields hold sentinels and the sizes come from a ZIP64 extra field. */
  readonly zip64: boolean;
  /** Bytes from the header's start to the data. */
  readonly dataStart: number;
}

/** The length of the header at the start of `bytes`, of which there must be at least 30. */
export function localHeaderLength(bytes: Uint8Array): number {
  const view = viewOf(bytes);
  return LOCAL_HEADER_SIZE + view.getUint16(26, true) + view.getUint16(28, true);
}

/**
 * Parses the header at the start of `bytes`.
 *
 * @throws RecordError when there is no header, it is truncated, or its extra field contradicts itself
 */
export function parseLocalHeader(bytes: Uint8Array): LocalHeader {
  const view = viewOf(bytes);
  if (view.byteLength < LOCAL_HEADER_SIZE || view.getUint32(0, true) !== LOCAL_HEADER_SIGNATURE) {
    throw new RecordError("there is no local file header where the central directory points");
  }
  const nameEnd = LOCAL_HEADER_SIZE + view.getUint16(26, true);
  const dataStart = localHeaderLength(bytes);
  if (dataStart > bytes.length) throw new RecordError("the local file header is truncated");
  const extra = bytes.subarray(nameEnd, dataStart);
  const compressedSize = view.getUint32(18, true);
  const size = view.getUint32(22, true);
  const plain = { size, compressedSize, headerOffset: 0, disk: 0 };
  const resolved = resolveZip64(plain, extra);
  return {
    flags: view.getUint16(6, true),
    method: view.getUint16(8, true),
    crc: view.getUint32(CRC_AT, true),
    compressedSize: resolved.compressedSize,
    size: resolved.size,
    name: bytes.subarray(LOCAL_HEADER_SIZE, nameEnd),
    extra,
    zip64: size === SENTINEL_32 && compressedSize === SENTINEL_32 && resolved !== plain,
    dataStart,
  };
}

/** Bytes of the header that {@link writeLocalHeader} writes. */
export function writtenLocalHeaderSize(nameLength: number): number {
  return LOCAL_HEADER_SIZE + nameLength + LOCAL_ZIP64_EXTRA_SIZE;
}

/** What the headers of a stored entry say. */
export interface StoredEntry {
  readonly name: Uint8Array;
  /** 0 or `FLAG_UTF8`. */
  readonly flags: number;
  /** Bytes of its data. */
  readonly size: number;
  readonly crc: number;
}

/** The header of a stored entry, in memory of its own. */
export function localHeaderBytes(entry: StoredEntry): Uint8Array {
  const bytes = new Uint8Array(writtenLocalHeaderSize(entry.name.length));
  writeLocalHeader(viewOf(bytes), 0, entry);
  return bytes;
}

/** Writes the header of a stored entry, sizes in the ZIP64 field; returns the position after it. */
export function writeLocalHeader(view: DataView, at: number, entry: StoredEntry): number {
  view.setUint32(at, LOCAL_HEADER_SIGNATURE, true);
  view.setUint16(at + 4, VERSION_ZIP64, true);
  view.setUint16(at + 6, entry.flags, true);
  view.setUint16(at + 8, METHOD_STORED, true);
  view.setUint16(at + 10, FIXED_DOS_TIME, true);
  view.setUint16(at + 12, FIXED_DOS_DATE, true);
  view.setUint32(at + CRC_AT, entry.crc, true);
  view.setUint32(at + 18, SENTINEL_32, true);
  view.setUint32(at + 22, SENTINEL_32, true);
  view.setUint16(at + 26, entry.name.length, true);
  view.setUint16(at + 28, LOCAL_ZIP64_EXTRA_SIZE, true);
  new Uint8Array(view.buffer, view.byteOffset).set(entry.name, at + LOCAL_HEADER_SIZE);
  return writeZip64Extra(view, at + LOCAL_HEADER_SIZE + entry.name.length, [entry.size, entry.size]);
}
