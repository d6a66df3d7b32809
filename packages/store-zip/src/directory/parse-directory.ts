import { concatBytes } from "@ozx/core/container";
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

/** What the end records claim about the directory. */
export interface DirectoryClaims {
  readonly entries: number;
  /** Bytes of the directory. */
  readonly size: number;
  /** Bytes between the start of the file and the byte that offsets count from; 0 in a well-formed archive. */
  readonly shift: number;
  /** Where the directory starts in the file: entries end before it. */
  readonly start: number;
}

/** Parses a central directory in pieces of any length. Its columns are replaced as they grow. */
export interface DirectoryParser {
  /** Bytes pushed so far. */
  readonly taken: number;
  /** Bytes of the headers that are complete. */
  readonly parsed: number;
  /** Entries whose headers are complete. */
  readonly count: number;
  /** The names of these entries, one after the other. */
  readonly names: Uint8Array;
  /** Where each name ends in `names`. */
  readonly nameEnds: Uint32Array;
  readonly marks: Uint8Array;
  readonly headerOffsets: Float64Array;
  /**
   * Parses the next bytes; their memory may be reused afterwards.
   *
   * @throws RecordError when a record is damaged, and at every later call
   */
  push(bytes: Uint8Array): void;
  /** The first `count` entries as a directory of their own, without marks for overlaps. */
  head(count: number): CentralDirectory;
  /**
   * The whole directory, once all of it was pushed.
   *
   * @throws RecordError when it is truncated or has fewer entries than claimed
   */
  finish(): CentralDirectory;
}

/** The most rows and bytes of names that are allocated before they are parsed. */
const ROWS_AHEAD = 2 ** 20;
const NAMES_AHEAD = 2 ** 24;

/** @param shared whether to store the columns in `SharedArrayBuffer`s */
export function createDirectoryParser(
  claims: DirectoryClaims,
  { shared = false }: { readonly shared?: boolean | undefined } = {},
): DirectoryParser {
  const allocate = allocator(shared);
  const header = centralNumbers();
  let rows = Math.min(claims.entries, Math.ceil(claims.size / CENTRAL_HEADER_SIZE), ROWS_AHEAD);
  let columns = resizeColumns(rows, allocate, undefined);
  let names = new Uint8Array(allocate(Math.min(claims.size, NAMES_AHEAD)));
  /** The bytes of names in the file, for entries marked as renamed. */
  const lengthsInFile = new Map<number, number>();
  let rest = new Uint8Array(0);
  let taken = 0;
  let count = 0;
  let nameEnd = 0;
  /** What all names have in common: a slash anywhere, or another host than FAT, makes a backslash a character. */
  let separators = 0;
  /** True while records are parsed, so it stays true after an error. */
  let damaged = false;

  const addRow = (bytes: Uint8Array, at: number): void => {
    if (header.disk !== 0) {
      throw new RecordError(`an entry is on disk ${header.disk} of a spanned archive`, "spanned");
    }
    if (count === rows) {
      rows = Math.max(64, rows * 2);
      columns = resizeColumns(rows, allocate, columns);
    }
    let marks = header.zip64 ? MARK_ZIP64 : 0;
    let from = bytes;
    let start = at + CENTRAL_HEADER_SIZE;
    let length = header.nameLength;
    const renamed = utf8Name(bytes, at, header);
    if (renamed !== undefined) {
      lengthsInFile.set(count, length);
      [from, start, length] = [renamed, 0, renamed.length];
      marks |= MARK_RENAMED;
    }
    if (nameEnd + length > names.length) {
      names = resizeBytes(Math.max(nameEnd + length, names.length * 2), allocate, names);
    }
    // A loop is faster than `set`, which would need a view for each short name.
    for (let i = 0; i < length; i++) {
      const byte = from[start + i] as number;
      if (byte === SLASH) separators |= HAS_SLASH;
      else if (byte === BACKSLASH) separators |= WINDOWS_ONLY;
      names[nameEnd + i] = byte;
    }
    if (header.madeBy >> 8 !== HOST_FAT) separators |= HAS_SLASH;
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

  /** Reads names as Windows PowerShell 5.1 writes them, with a backslash between folders (PowerShell#2140). */
  const readBackslashes = (): void => {
    for (let index = 0, start = 0; index < count; index++) {
      const end = columns.nameEnds[index] as number;
      const name = names.subarray(start, end);
      if (name.includes(BACKSLASH)) {
        if (((columns.marks[index] as number) & MARK_RENAMED) === 0) lengthsInFile.set(index, end - start);
        for (let i = 0; i < name.length; i++) if (name[i] === BACKSLASH) name[i] = SLASH;
        columns.hashes[index] = hashName(names, start, end);
        const isFolder = name[name.length - 1] === SLASH ? MARK_DIRECTORY : 0;
        columns.marks[index] = (columns.marks[index] as number) | MARK_RENAMED | isFolder;
      }
      start = end;
    }
  };

  /** The first entries as a directory; `copied` where the columns are still growing. */
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
    get parsed() {
      return taken - rest.length;
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
      if (damaged) throw new RecordError("an earlier record of the central directory is damaged");
      damaged = true;
      taken += piece.length;
      const bytes = rest.length === 0 ? piece : concatBytes([rest, piece]);
      const view = viewOf(bytes);
      let at = 0;
      for (; readCentralHeader(view, at, header); at += header.length) addRow(bytes, at);
      rest = bytes.slice(at);
      damaged = false;
    },
    head: (entries) => directoryOf(entries, { copied: true }),
    finish() {
      // Throws an error that says what is wrong with the incomplete header.
      if (rest.length > 0) parseCentralHeader(rest);
      if (count < claims.entries) {
        throw new RecordError(
          `the central directory has ${count} entries, not the ${claims.entries} that it claims`,
        );
      }
      if (separators === WINDOWS_ONLY) readBackslashes();
      const directory = directoryOf(count, { copied: false });
      markOverlaps(directory, lengthsInFile, claims.start);
      return directory;
    },
  };
}

/** The name in UTF-8 if the header's is in another encoding or an extra field overrides it; otherwise undefined. */
function utf8Name(
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
  // A name that claims to be UTF-8 but is not also becomes a name that can be looked up.
  return isUtf8(name) ? undefined : new TextEncoder().encode(decodeCp437(name));
}

/** False where the extra field is a single block of another id, as in nearly all headers: a view for each is slow. */
function mayHaveUnicodePath(bytes: Uint8Array, at: number, length: number): boolean {
  const blockLength = (bytes[at + 2] as number) | ((bytes[at + 3] as number) << 8);
  return length >= 4 && (blockLength + 4 !== length || bytes[at + 1] === UNICODE_PATH_HIGH);
}

const SLASH = 0x2f;
const BACKSLASH = 0x5c;
/** The host of MS-DOS and Windows (APPNOTE 4.4.2.2). */
const HOST_FAT = 0;
/** What the names of an archive have between folders, as bits. */
const WINDOWS_ONLY = 1;
const HAS_SLASH = 2;
/** The second byte of the Unicode path's id. */
const UNICODE_PATH_HIGH = UNICODE_PATH_ID >> 8;
