import {
  CENTRAL_HEADER_SIZE,
  centralNumbers,
  isSymbolicLink,
  parseCentralHeader,
  readCentralHeader,
} from "../records/central-header.js";
import { parseUnicodePath, UNICODE_PATH_ID } from "../records/extra-fields.js";
import { FLAG_UTF8, RecordError, viewOf } from "../records/fields.js";
import {
  type CentralDirectory,
  decodeCp437,
  hashName,
  isAscii,
  isUtf8,
  MARK_DIRECTORY,
  MARK_RENAMED,
  MARK_SYMLINK,
  MARK_ZIP64,
} from "./central-directory.js";
import { allocator, fillSlots, resizeBytes, resizeColumns, slotCount } from "./directory-columns.js";
import { markOverlaps } from "./file-order.js";

/** Where the directory stands and what the end records promise. */
export interface DirectoryClaims {
  readonly entries: number;
  /** Bytes of the directory. */
  readonly size: number;
  /** Bytes between the start of the file and the byte that offsets count from; 0 in a well-made archive. */
  readonly shift: number;
  /** Where the directory starts in the file: entries end before it. */
  readonly start: number;
}

export interface ParseOptions {
  /** Make the columns in `SharedArrayBuffer`s. */
  readonly shared?: boolean | undefined;
}

/** Parses a central directory that comes in pieces, cut anywhere. */
export interface DirectoryParser {
  /** Bytes that have come. */
  readonly taken: number;
  /** Entries whose headers have come whole. */
  readonly count: number;
  /** The names of these entries, one behind the other, and where each ends. Both move when more comes. */
  readonly names: Uint8Array;
  readonly nameEnds: Uint32Array;
  readonly marks: Uint8Array;
  readonly headerOffsets: Float64Array;
  /**
   * Takes the next bytes, which may be used again afterwards.
   *
   * @throws RecordError when a record is damaged; nothing more can be taken then
   */
  push(bytes: Uint8Array): void;
  /** The first `count` entries as a directory of their own; nothing is known of entries on top of each other. */
  head(count: number): CentralDirectory;
  /**
   * The whole directory, when all has come.
   *
   * @throws RecordError when it is cut short or holds fewer entries than claimed
   */
  finish(): CentralDirectory;
}

/** The most rows and bytes of names that room is made for before they have come. */
const ROWS_AHEAD = 2 ** 20;
const NAMES_AHEAD = 2 ** 24;

export function createDirectoryParser(
  claims: DirectoryClaims,
  { shared = false }: ParseOptions = {},
): DirectoryParser {
  const allocate = allocator(shared);
  const header = centralNumbers();
  let rows = Math.min(claims.entries, Math.ceil(claims.size / CENTRAL_HEADER_SIZE), ROWS_AHEAD);
  let columns = resizeColumns(rows, allocate, undefined);
  let names = new Uint8Array(allocate(Math.min(claims.size, NAMES_AHEAD)));
  /** Lengths of names in the file, where another one stands here. */
  const lengthsInFile = new Map<number, number>();
  let rest = new Uint8Array(0);
  let taken = 0;
  let count = 0;
  let nameEnd = 0;
  /** True from when a record is looked at until it is known to be good. */
  let damaged = false;

  const addRow = (bytes: Uint8Array, at: number): void => {
    if (header.disk !== 0)
      throw new RecordError(`an entry lies on disk ${header.disk} of a spanned archive`, "spanned");
    if (count === rows) {
      rows = Math.max(64, rows * 2);
      columns = resizeColumns(rows, allocate, columns);
    }
    let marks = header.zip64 ? MARK_ZIP64 : 0;
    let from = bytes;
    let start = at + CENTRAL_HEADER_SIZE;
    let length = header.nameLength;
    const renamed = trueName(bytes, at, header);
    if (renamed !== undefined) {
      lengthsInFile.set(count, length);
      [from, start, length] = [renamed, 0, renamed.length];
      marks |= MARK_RENAMED;
    }
    if (nameEnd + length > names.length) {
      names = resizeBytes(Math.max(nameEnd + length, names.length * 2), allocate, names);
    }
    // Names are too short for `set`, which needs a view made for each.
    for (let i = 0; i < length; i++) names[nameEnd + i] = from[start + i] as number;
    columns.hashes[count] = hashName(names, nameEnd, nameEnd + length);
    nameEnd += length;
    if (length > 0 && names[nameEnd - 1] === SLASH) marks |= MARK_DIRECTORY;
    if (isSymbolicLink(header)) marks |= MARK_SYMLINK;
    columns.nameEnds[count] = nameEnd;
    columns.headerOffsets[count] = header.headerOffset + claims.shift;
    columns.compressedSizes[count] = header.compressedSize;
    columns.sizes[count] = header.size;
    columns.crcs[count] = header.crc;
    columns.methods[count] = header.method;
    columns.flags[count] = header.flags;
    columns.marks[count] = marks;
    count++;
  };

  /** The first entries with the table to look them up in: a copy where more is still to come into the columns. */
  const directoryOf = (entries: number, { copied }: { copied: boolean }): CentralDirectory => {
    const { hashes, ...kept } =
      !copied && entries === rows ? columns : resizeColumns(entries, allocate, columns);
    const namesLength = entries === 0 ? 0 : (kept.nameEnds[entries - 1] as number);
    const keptNames =
      !copied && names.length === namesLength
        ? names
        : resizeBytes(namesLength, allocate, names.subarray(0, namesLength));
    const slots = new Uint32Array(allocate(slotCount(entries) * 4));
    fillSlots(entries, { names: keptNames, hashes, ...kept }, slots);
    return { count: entries, names: keptNames, ...kept, slots };
  };

  return {
    get taken() {
      return taken;
    },
    get count() {
      return count;
    },
    get names() {
      return names;
    },
    get nameEnds() {
      return columns.nameEnds;
    },
    get marks() {
      return columns.marks;
    },
    get headerOffsets() {
      return columns.headerOffsets;
    },
    push(piece) {
      if (damaged) throw new RecordError("a record of the central directory before is damaged");
      damaged = true;
      taken += piece.length;
      const bytes = rest.length === 0 ? piece : joined(rest, piece);
      const view = viewOf(bytes);
      let at = 0;
      for (; readCentralHeader(view, at, header); at += header.length) addRow(bytes, at);
      rest = bytes.slice(at);
      damaged = false;
    },
    head: (entries) => directoryOf(entries, { copied: true }),
    finish() {
      // Says what is wrong with what has not become a header.
      if (rest.length > 0) parseCentralHeader(rest);
      if (count < claims.entries) {
        throw new RecordError(
          `the central directory holds ${count} entries, not the ${claims.entries} it claims`,
        );
      }
      const directory = directoryOf(count, { copied: false });
      markOverlaps(directory, lengthsInFile, claims.start);
      return directory;
    },
  };
}

/** The name in UTF-8 where the header's own is not that, or where an extra field overrules it. */
function trueName(
  bytes: Uint8Array,
  at: number,
  { flags, nameLength, extraLength }: { flags: number; nameLength: number; extraLength: number },
): Uint8Array | undefined {
  const start = at + CENTRAL_HEADER_SIZE;
  const end = start + nameLength;
  if ((flags & FLAG_UTF8) === 0 && extraLength > 0 && mayHaveUnicodePath(bytes, end, extraLength)) {
    const path = parseUnicodePath(bytes.subarray(end, end + extraLength), bytes.subarray(start, end));
    if (path !== undefined && isUtf8(path)) return path;
  }
  if (isAscii(bytes, start, end)) return undefined;
  const name = bytes.subarray(start, end);
  // Names that claim to be UTF-8 and are not must become some name too, which can be looked up.
  return isUtf8(name) ? undefined : new TextEncoder().encode(decodeCp437(name));
}

/** False where the extra field is a single block that is none: nearly always, and then no view of it is made. */
function mayHaveUnicodePath(bytes: Uint8Array, at: number, length: number): boolean {
  const blockLength = (bytes[at + 2] as number) | ((bytes[at + 3] as number) << 8);
  return length >= 4 && (blockLength + 4 !== length || bytes[at + 1] === UNICODE_PATH_HIGH);
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const whole = new Uint8Array(a.length + b.length);
  whole.set(a);
  whole.set(b, a.length);
  return whole;
}

const SLASH = 0x2f;
/** The second byte of the Unicode path's id in the file. */
const UNICODE_PATH_HIGH = UNICODE_PATH_ID >> 8;
