import { ZIP64_EXTRA_ID } from "../records/zip64-extra.js";

/** What stands in an extra field, as bits. */
export const EXTRA_ZIP64 = 1;
/** A block of any other id. */
export const EXTRA_FOREIGN = 2;
/** A block is longer than the field. */
export const EXTRA_BROKEN = 4;
/** A field whose first copy counts for one program and whose last copy counts for another stands twice. */
export const EXTRA_TWICE = 8;
/** The field is one to three bytes that are no block and not zero; behind a block they are an aligner's padding. */
export const EXTRA_RAGGED = 16;
export const EXTRA_AES = 32;
/** An Info-ZIP Unicode path or comment: a second opinion on what the header says. */
export const EXTRA_UNICODE = 64;

/** An extra field as it was scanned; one object is used again and again, since there are millions of fields. */
export interface ScannedExtra {
  bits: number;
  /** Where the data of the first ZIP64 block starts, and its length; of meaning with `EXTRA_ZIP64` only. */
  zip64At: number;
  zip64Length: number;
  /** The blocks that decide nothing: their number in the lowest byte, and above it what stands for their ids. */
  others: number;
}

export function scannedExtra(): ScannedExtra {
  return { bits: 0, zip64At: 0, zip64Length: 0, others: 0 };
}

/** Scans the extra field at `from..to` (APPNOTE 4.5.1) into `found`; nothing is allocated. */
export function scanExtra(view: DataView, from: number, to: number, found: ScannedExtra): void {
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
    if (at > from && CONSEQUENTIAL.has(id) && standsBefore(view, from, at, id)) bits |= EXTRA_TWICE;
    if (id === ZIP64_EXTRA_ID) {
      if ((bits & EXTRA_ZIP64) === 0) {
        found.zip64At = at + 4;
        found.zip64Length = length;
      }
      bits |= EXTRA_ZIP64;
    } else {
      bits |= EXTRA_FOREIGN;
      if (!CONSEQUENTIAL.has(id)) {
        // The same whatever their order, which writers do not keep.
        ids = (ids + Math.imul(id, 0x9e3779b1)) | 0;
        count++;
      }
      if (id === AES_ID) bits |= EXTRA_AES;
      if (id === UNICODE_PATH || id === UNICODE_COMMENT) bits |= EXTRA_UNICODE;
    }
    at += 4 + length;
  }
  if (at === from) for (; at < to; at++) if (view.getUint8(at) !== 0) bits |= EXTRA_RAGGED;
  found.bits = bits;
  found.others = (ids & ~0xff) | (count & 0xff);
}

function standsBefore(view: DataView, from: number, before: number, id: number): boolean {
  for (let at = from; at < before; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) === id) return true;
  }
  return false;
}

/** AE-x encryption (APPNOTE 4.6, vendor's own). */
const AES_ID = 0x9901;
const UNICODE_PATH = 0x7075;
const UNICODE_COMMENT = 0x6375;

/** Fields that decide what an entry is; others may stand as often as they like. */
const CONSEQUENTIAL: ReadonlySet<number> = new Set([ZIP64_EXTRA_ID, AES_ID, UNICODE_PATH, UNICODE_COMMENT]);
