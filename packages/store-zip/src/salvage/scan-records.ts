import type { ByteSource, ReadOptions } from "@ozx/core";
import {
  CENTRAL_HEADER_SIGNATURE,
  CENTRAL_HEADER_SIZE,
  parseCentralHeader,
} from "../records/central-header.js";
import { DESCRIPTOR_SIGNATURE, getUint64, RecordError, viewOf } from "../records/fields.js";
import { LOCAL_HEADER_SIGNATURE, LOCAL_HEADER_SIZE } from "../records/local-header.js";
import { plausibleName } from "./entry-names.js";
import { headerAt, type ListedEntry } from "./listed-entries.js";
import { createScanWindow } from "./scan-window.js";

/** A record that was found by its signature. Positions are in bytes from the start of the file. */
export type FoundRecord =
  | { readonly kind: "local"; readonly at: number; readonly dataOffset: number; readonly entry: ListedEntry }
  | { readonly kind: "central"; readonly at: number; readonly entry: ScannedListing }
  | { readonly kind: "descriptor"; readonly at: number; readonly ends: readonly Descriptor[] };

/** What a central header says of an entry. */
export interface ScannedListing extends ListedEntry {
  /** Bytes of its name. */
  readonly nameLength: number;
}

/** What a data descriptor (APPNOTE 4.3.9) says of the entry before it. */
export interface Descriptor {
  /** Where that entry's data starts. */
  readonly dataOffset: number;
  readonly crc: number;
  readonly compressedSize: number;
  readonly size: number;
}

/** Finds records. */
export interface RecordScanner {
  /**
   * The first record that starts at `from..until`; undefined if there is none.
   *
   * @param isOpen whether there is an entry whose data starts at a position and whose end is not known: other data
   * descriptors are passed by
   */
  next(
    from: number,
    until: number,
    isOpen: (dataOffset: number) => boolean,
  ): Promise<FoundRecord | undefined>;
}

/** The latest version of the format, 6.3, as versions are written (APPNOTE 4.4.3). */
const LATEST_VERSION = 63;
/** The largest number of a compression method. */
const AES = 99;

/**
 * A scanner of local headers, central headers and data descriptors. Bytes that have a signature by chance, as in
 * compressed data, are passed by if no archive has such a record.
 */
export function createRecordScanner(source: ByteSource, options?: ReadOptions): RecordScanner {
  const window = createScanWindow(source, options);
  return {
    async next(from, until, isOpen) {
      for (let at = from; ; at++) {
        const mayStart = (bytes: Uint8Array, start: number): boolean =>
          mayBeRecord(bytes, start, isOpen, window.offsetOf(start));
        const found = await window.find(at, until, mayStart);
        if (found === undefined) return undefined;
        at = found;
        const record = recordAt(window.bytesAt(at), at, isOpen);
        if (record !== undefined) return record;
      }
    },
  };
}

/** Looks at the fixed fields, and allocates nothing for headers: a file may have millions of signatures. */
function mayBeRecord(
  bytes: Uint8Array,
  at: number,
  isOpen: (dataOffset: number) => boolean,
  offset: number,
): boolean {
  const uint16 = (field: number): number =>
    (bytes[at + field] as number) | ((bytes[at + field + 1] as number) << 8);
  const kind = uint16(2);
  if (kind === DESCRIPTOR_SIGNATURE >>> 16) {
    if (at + 16 > bytes.length) return false;
    const view = viewOf(bytes.subarray(at, at + 24));
    return descriptorsIn(view, 4, offset).some(({ dataOffset }) => isOpen(dataOffset));
  }
  const isLocal = kind === LOCAL_HEADER_SIGNATURE >>> 16;
  if (!isLocal && kind !== CENTRAL_HEADER_SIGNATURE >>> 16) return false;
  if (at + (isLocal ? LOCAL_HEADER_SIZE : CENTRAL_HEADER_SIZE) > bytes.length) return false;
  const shift = isLocal ? 0 : 2;
  const version = bytes[at + 4 + shift] as number;
  return version <= LATEST_VERSION && uint16(8 + shift) <= AES && uint16(26 + shift) > 0;
}

function recordAt(
  bytes: Uint8Array,
  at: number,
  isOpen: (dataOffset: number) => boolean,
): FoundRecord | undefined {
  const view = viewOf(bytes);
  switch (view.getUint32(0, true)) {
    case LOCAL_HEADER_SIGNATURE:
      return localRecord(bytes, at);
    case CENTRAL_HEADER_SIGNATURE:
      return centralRecord(bytes, at);
    case DESCRIPTOR_SIGNATURE: {
      const ends = descriptorsIn(view, 4, at).filter(({ dataOffset }) => isOpen(dataOffset));
      return { kind: "descriptor", at, ends };
    }
    default:
      return undefined;
  }
}

function localRecord(bytes: Uint8Array, at: number): FoundRecord | undefined {
  const header = headerAt(bytes);
  const name = header && plausibleName(header.name, header.extra);
  if (header === undefined || name === undefined) return undefined;
  const { flags, method, crc, compressedSize, size } = header;
  const entry = { name, flags, method, crc, compressedSize, size, headerOffset: at };
  return { kind: "local", at, dataOffset: at + header.dataStart, entry };
}

function centralRecord(bytes: Uint8Array, at: number): FoundRecord | undefined {
  try {
    const header = parseCentralHeader(bytes);
    const name = plausibleName(header.name, header.extra);
    if (name === undefined) return undefined;
    const { flags, method, crc, compressedSize, size, headerOffset } = header;
    return {
      kind: "central",
      at,
      entry: { name, nameLength: header.name.length, flags, method, crc, compressedSize, size, headerOffset },
    };
  } catch (error) {
    if (error instanceof RecordError) return undefined;
    throw error;
  }
}

/**
 * What a data descriptor says, with sizes of 4 and of 8 bytes.
 *
 * @param from where its CRC is in the view
 * @param end where it starts in the file, which is where the data ends
 */
export function descriptorsIn(view: DataView, from: number, end: number): Descriptor[] {
  const found: Descriptor[] = [];
  const add = (compressedSize: number, size: number): void => {
    const dataOffset = end - compressedSize;
    if (dataOffset > 0) found.push({ dataOffset, crc: view.getUint32(from, true), compressedSize, size });
  };
  if (from + 12 <= view.byteLength) add(view.getUint32(from + 4, true), view.getUint32(from + 8, true));
  if (from + 20 <= view.byteLength) add(getUint64(view, from + 4), getUint64(view, from + 12));
  return found;
}
