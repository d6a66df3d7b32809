import type { ReadOptions } from "@ozx/core";
import { createThrottle } from "@ozx/core/container";
import type { CentralDirectory } from "../directory/central-directory.js";
import type { ZipArchive } from "../read/archive.js";
import { CENTRAL_HEADER_SIZE } from "../records/central-header.js";
import { UNICODE_COMMENT_ID, UNICODE_PATH_ID, ZIP64_EXTRA_ID } from "../records/extra-fields.js";
import { getUint64, SENTINEL_16, SENTINEL_32, viewOf } from "../records/fields.js";

/** The central directory as it is written, with the details that `CentralDirectory` omits. */
export interface CentralScan {
  /** The whole directory. */
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Where each header starts in `bytes`. */
  readonly starts: Uint32Array;
  /** The `EXTRA_` bits of each header's extra field. */
  readonly extras: Uint8Array;
  /** A hash of each header's insignificant blocks, as in `ExtraScan`. */
  readonly others: Int32Array;
  /** 1 where a ZIP64 field does not match the header's sentinels (APPNOTE 4.5.3), 2 where it has other numbers. */
  readonly oddZip64: Uint8Array;
}

/** Reads every central header once. The directory has been parsed before, so its records are complete. */
export async function scanCentral(archive: ZipArchive, options?: ReadOptions): Promise<CentralScan> {
  const { source, end, directory } = archive;
  const bytes = await source.read(end.directoryOffset, end.directorySize, options);
  const view = viewOf(bytes);
  const starts = new Uint32Array(directory.count);
  const extras = new Uint8Array(directory.count);
  const others = new Int32Array(directory.count);
  const oddZip64 = new Uint8Array(directory.count);
  const extra = createExtraScan();
  const pause = createThrottle(options);
  for (let index = 0, at = 0; index < directory.count; index++) {
    const extraStart = at + CENTRAL_HEADER_SIZE + view.getUint16(at + 28, true);
    const extraEnd = extraStart + view.getUint16(at + 30, true);
    scanExtra(view, extraStart, extraEnd, extra);
    starts[index] = at;
    extras[index] = extra.bits;
    others[index] = extra.others;
    if ((extra.bits & EXTRA_ZIP64) !== 0) {
      const needed = neededLength(view, at);
      if (isOddZip64(extra.zip64Length, needed)) oddZip64[index] = 1;
      if (needed === 0 && saysOther(view, at, extra)) oddZip64[index] = 2;
    }
    at = extraEnd + view.getUint16(at + 32, true);
    const rest = (index & 0xfff) === 0 ? pause() : undefined;
    if (rest !== undefined) await rest;
  }
  return { bytes, view, starts, extras, others, oddZip64 };
}

/** A field with all values, even without sentinels for them, is common and understood; one without any sentinel is not. */
function isOddZip64(length: number, needed: number): boolean {
  return needed === 0 || (length !== needed && length !== 24 && length !== 28);
}

/** Whether a ZIP64 field has other numbers than the header at `at`, which has no sentinels: some programs use these. */
function saysOther(view: DataView, at: number, { zip64At, zip64Length }: ExtraScan): boolean {
  return [24, 20, 42].some((field, k) => {
    if (zip64Length < 8 * (k + 1)) return false;
    return getUint64(view, zip64At + 8 * k) !== view.getUint32(at + field, true);
  });
}

/** Bytes of ZIP64 data for the sentinels of the header at `at`. */
function neededLength(view: DataView, at: number): number {
  let length = 0;
  if (view.getUint32(at + 24, true) === SENTINEL_32) length += 8;
  if (view.getUint32(at + 20, true) === SENTINEL_32) length += 8;
  if (view.getUint32(at + 42, true) === SENTINEL_32) length += 8;
  if (view.getUint16(at + 34, true) === SENTINEL_16) length += 4;
  return length;
}

/** The name in header `index`, in the encoding of the file. */
export function rawName({ bytes, view, starts }: CentralScan, index: number): Uint8Array {
  const at = starts[index] as number;
  return bytes.subarray(at + CENTRAL_HEADER_SIZE, at + CENTRAL_HEADER_SIZE + view.getUint16(at + 28, true));
}

/** The extra field of header `index`. */
export function rawExtra({ bytes, view, starts }: CentralScan, index: number): Uint8Array {
  const at = starts[index] as number;
  const start = at + CENTRAL_HEADER_SIZE + view.getUint16(at + 28, true);
  return bytes.subarray(start, start + view.getUint16(at + 30, true));
}

/** The comment of entry `index`. */
export function rawComment({ bytes, view, starts }: CentralScan, index: number): Uint8Array {
  const at = starts[index] as number;
  const start = at + CENTRAL_HEADER_SIZE + view.getUint16(at + 28, true) + view.getUint16(at + 30, true);
  return bytes.subarray(start, start + view.getUint16(at + 32, true));
}

/** Properties of an extra field, as bits: it has a ZIP64 block. */
export const EXTRA_ZIP64 = 1;
/** A block of any other id. */
export const EXTRA_FOREIGN = 2;
/** A block is longer than the field. */
export const EXTRA_BROKEN = 4;
/** A significant block occurs twice; programs disagree on which one counts. */
export const EXTRA_TWICE = 8;
/** The field is one to three bytes that are not zero; only after a block are they padding of an aligner. */
export const EXTRA_RAGGED = 16;
/** It has a block of AE-x encryption. */
export const EXTRA_AES = 32;
/** It has an Info-ZIP Unicode path or comment, which may contradict the header. */
export const EXTRA_UNICODE = 64;

/** The result of {@link scanExtra}. The object is reused, because there are millions of fields. */
interface ExtraScan {
  /** The `EXTRA_` bits. */
  bits: number;
  /** Where the data of the first ZIP64 block starts; only valid with `EXTRA_ZIP64`. */
  zip64At: number;
  /** Bytes of that block's data. */
  zip64Length: number;
  /** The insignificant blocks: their number in the lowest byte, and a hash of their ids above it. */
  others: number;
}

/** An object for {@link scanExtra} to fill. */
export function createExtraScan(): ExtraScan {
  return { bits: 0, zip64At: 0, zip64Length: 0, others: 0 };
}

/** Scans the extra field at `from..to` (APPNOTE 4.5.1) into `found`; nothing is allocated. */
export function scanExtra(view: DataView, from: number, to: number, found: ExtraScan): void {
  let bits = 0;
  let count = 0;
  let ids = 0;
  let at = from;
  while (at + 4 <= to) {
    const id = view.getUint16(at, true);
    const length = view.getUint16(at + 2, true);
    if (at + 4 + length > to) {
      bits |= EXTRA_BROKEN;
      at = to;
      break;
    }
    if (at > from && SIGNIFICANT.has(id) && hasBlock(view, from, at, id)) bits |= EXTRA_TWICE;
    if (id === ZIP64_EXTRA_ID) {
      if ((bits & EXTRA_ZIP64) === 0) {
        found.zip64At = at + 4;
        found.zip64Length = length;
      }
      bits |= EXTRA_ZIP64;
    } else {
      bits |= EXTRA_FOREIGN;
      if (!SIGNIFICANT.has(id)) {
        // A sum does not depend on the order, which writers change.
        ids = (ids + Math.imul(id, 0x9e3779b1)) | 0;
        count++;
      }
      if (id === AES_ID) bits |= EXTRA_AES;
      if (id === UNICODE_PATH_ID || id === UNICODE_COMMENT_ID) bits |= EXTRA_UNICODE;
    }
    at += 4 + length;
  }
  if (at === from) for (; at < to; at++) if (view.getUint8(at) !== 0) bits |= EXTRA_RAGGED;
  found.bits = bits;
  found.others = (ids & ~0xff) | (count & 0xff);
}

function hasBlock(view: DataView, from: number, to: number, id: number): boolean {
  for (let at = from; at < to; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) === id) return true;
  }
  return false;
}

/** AE-x encryption, a block of WinZip's. */
const AES_ID = 0x9901;

/** Blocks that change how an entry is read; others may occur any number of times. */
const SIGNIFICANT: ReadonlySet<number> = new Set([
  ZIP64_EXTRA_ID,
  AES_ID,
  UNICODE_PATH_ID,
  UNICODE_COMMENT_ID,
]);

/** Properties of a name, as bits. Only names with any of them are decoded: it has bytes that are not ASCII. */
export const NAME_NOT_ASCII = 1;
export const NAME_BACKSLASH = 2;
/** It may lead out of a folder: it has an empty or dotted segment, a colon, or a control character. */
export const NAME_SUSPICIOUS = 4;
/** It ends with `.zip` or `.ozx`. */
export const NAME_ARCHIVE = 8;
/** A segment starts with `.z`, as the documents of Zarr v2 do. */
export const NAME_DOT_Z = 16;
/** A segment ends with a dot or a space, or may be reserved by Windows, or it has a character that is not printed. */
export const NAME_ODD = 32;

/** The `NAME_` bits of every entry, in one pass over the bytes of the names. */
export function scanNames({ count, names, nameEnds }: CentralDirectory): Uint8Array {
  const found = new Uint8Array(count);
  for (let index = 0, at = 0; index < count; index++) {
    const end = nameEnds[index] as number;
    let bits = at === end ? NAME_SUSPICIOUS : 0;
    let segment = at;
    let before = SLASH;
    let dotted = false;
    for (; at < end; at++) {
      const byte = names[at] as number;
      if (byte === SLASH) {
        if (isOdd(names, segment, at)) bits |= NAME_ODD;
        segment = at + 1;
      }
      if (byte < 0x20 || byte > 0x7e) bits |= NAME_ODD;
      if (byte > 0x7f) bits |= NAME_NOT_ASCII;
      else if (byte < 0x20 || byte === COLON) bits |= NAME_SUSPICIOUS;
      else if (byte === BACKSLASH) bits |= NAME_BACKSLASH | NAME_SUSPICIOUS;
      else if (before === SLASH && (byte === DOT || byte === SLASH)) bits |= NAME_SUSPICIOUS;
      else if (dotted && byte === LOWER_Z) bits |= NAME_DOT_Z;
      dotted = before === SLASH && byte === DOT;
      before = byte;
    }
    if (isOdd(names, segment, end)) bits |= NAME_ODD;
    if (endsLikeArchive(names, end, index === 0 ? 0 : (nameEnds[index - 1] as number))) bits |= NAME_ARCHIVE;
    found[index] = bits;
  }
  return found;
}

/** Whether the segment at `start..end` ends with a dot or a space, or starts like a device of Windows. */
function isOdd(names: Uint8Array, start: number, end: number): boolean {
  const last = names[end - 1];
  if (end > start && (last === DOT || last === SPACE)) return true;
  if (end - start < 3) return false;
  const letter = (at: number): number => (names[start + at] as number) | 0x20;
  return DEVICES.has((letter(0) << 16) | (letter(1) << 8) | letter(2));
}

/** The first three letters of the names that Windows reserves. */
const DEVICES: ReadonlySet<number> = new Set(
  ["con", "prn", "aux", "nul", "com", "lpt"].map(
    (name) => (name.charCodeAt(0) << 16) | (name.charCodeAt(1) << 8) | name.charCodeAt(2),
  ),
);

function endsLikeArchive(names: Uint8Array, end: number, start: number): boolean {
  if (end - start < 4 || names[end - 4] !== DOT) return false;
  const suffix = String.fromCharCode(...names.subarray(end - 3, end)).toLowerCase();
  return suffix === "zip" || suffix === "ozx";
}

const SLASH = 0x2f;
const BACKSLASH = 0x5c;
const DOT = 0x2e;
const SPACE = 0x20;
const COLON = 0x3a;
const LOWER_Z = 0x7a;
