import {
  CENTRAL_HEADER_SIZE,
  type CentralHeader,
  isSymbolicLink,
  parseCentralHeader,
} from "../records/central-header.js";
import { RecordError, viewOf } from "../records/fields.js";
import { FLAG_UTF8 } from "../records/flags.js";
import { LOCAL_HEADER_SIZE } from "../records/local-header.js";
import { parseUnicodePath } from "../records/unicode-path.js";
import {
  type CentralDirectory,
  findSlot,
  homeSlot,
  MARK_DIRECTORY,
  MARK_RENAMED,
  MARK_SHADOWED,
  MARK_SYMLINK,
  MARK_ZIP64,
} from "./central-directory.js";
import { decodeCp437, isAscii, isUtf8 } from "./names.js";
import { markOverlaps } from "./overlaps.js";

/** Where the directory stands and what the end records promise. */
export interface DirectoryClaims {
  readonly entries: number;
  /** Bytes between the start of the file and the byte that offsets count from; 0 in a well-made archive. */
  readonly shift: number;
  /** Where the directory starts in the file: entries end before it. */
  readonly start: number;
}

/**
 * Parses the bytes of a central directory into columns. What is allocated depends on the bytes that are
 * there, never on the count that the archive claims.
 *
 * @throws RecordError when a record is damaged or there are fewer than claimed
 */
export function parseCentralDirectory(bytes: Uint8Array, claims: DirectoryClaims): CentralDirectory {
  const view = viewOf(bytes);
  const room = Math.floor(bytes.length / CENTRAL_HEADER_SIZE);
  const columns = {
    nameEnds: new Uint32Array(room),
    headerOffsets: new Float64Array(room),
    compressedSizes: new Float64Array(room),
    sizes: new Float64Array(room),
    crcs: new Uint32Array(room),
    methods: new Uint16Array(room),
    flags: new Uint16Array(room),
    marks: new Uint8Array(room),
  };
  const leastLengths = new Uint32Array(room);
  let names = new Uint8Array(bytes.length - room * CENTRAL_HEADER_SIZE);
  let nameEnd = 0;
  let count = 0;
  for (let at = 0; at < bytes.length; count++) {
    const header = parseCentralHeader(bytes, at, view);
    if (header.disk !== 0) throw new RecordError(`an entry lies on disk ${header.disk} of a spanned archive`);
    let { name } = header;
    let marks = header.zip64 ? MARK_ZIP64 : 0;
    const renamed = trueName(header);
    if (renamed !== undefined) {
      name = renamed;
      marks |= MARK_RENAMED;
    }
    if (nameEnd + name.length > names.length) names = grow(names, nameEnd + name.length);
    names.set(name, nameEnd);
    nameEnd += name.length;
    if (name[name.length - 1] === SLASH) marks |= MARK_DIRECTORY;
    if (isSymbolicLink(header)) marks |= MARK_SYMLINK;
    leastLengths[count] = LOCAL_HEADER_SIZE + header.name.length;
    columns.nameEnds[count] = nameEnd;
    columns.headerOffsets[count] = header.headerOffset + claims.shift;
    columns.compressedSizes[count] = header.compressedSize;
    columns.sizes[count] = header.size;
    columns.crcs[count] = header.crc;
    columns.methods[count] = header.method;
    columns.flags[count] = header.flags;
    columns.marks[count] = marks;
    at += header.length;
  }
  if (count < claims.entries) {
    throw new RecordError(
      `the central directory holds ${count} entries, not the ${claims.entries} it claims`,
    );
  }
  const directory: CentralDirectory = {
    count,
    names: names.slice(0, nameEnd),
    nameEnds: columns.nameEnds.slice(0, count),
    headerOffsets: columns.headerOffsets.slice(0, count),
    compressedSizes: columns.compressedSizes.slice(0, count),
    sizes: columns.sizes.slice(0, count),
    crcs: columns.crcs.slice(0, count),
    methods: columns.methods.slice(0, count),
    flags: columns.flags.slice(0, count),
    marks: columns.marks.slice(0, count),
    slots: new Uint32Array(slotCount(count)),
  };
  fillSlots(directory);
  markOverlaps(directory, leastLengths, claims.start);
  return directory;
}

/** Two to four slots an entry, so that probes stay short. */
function slotCount(count: number): number {
  let slots = 2;
  while (slots < count * 2) slots *= 2;
  return slots;
}

/** Steps an entry that the search for a free slot may take on average; names that were not made to collide take one. */
const MAX_STEPS = 64;

function fillSlots(directory: CentralDirectory): void {
  const { count, names, nameEnds, marks, slots } = directory;
  let steps = 0;
  for (let i = 0, start = 0; i < count; i++) {
    const end = nameEnds[i] as number;
    const name = names.subarray(start, end);
    const home = homeSlot(directory, name);
    const slot = findSlot(directory, name, home);
    steps += (slot - home) & (slots.length - 1);
    if (steps > (count + 1024) * MAX_STEPS) {
      throw new RecordError("its names were chosen so that looking them up takes forever");
    }
    const earlier = slots[slot] as number;
    if (earlier !== 0) marks[earlier - 1] = (marks[earlier - 1] as number) | MARK_SHADOWED;
    slots[slot] = i + 1;
    start = end;
  }
}

/** The name in UTF-8 where the header's own is not that, or where an extra field overrules it. */
function trueName({ flags, name, extra }: CentralHeader): Uint8Array | undefined {
  if ((flags & FLAG_UTF8) === 0 && extra.length > 0) {
    const path = parseUnicodePath(extra, name);
    if (path !== undefined && isUtf8(path)) return path;
  }
  // Names that claim to be UTF-8 and are not must become some name too, which can be looked up.
  return isAscii(name) || isUtf8(name) ? undefined : new TextEncoder().encode(decodeCp437(name));
}

function grow(bytes: Uint8Array, least: number): Uint8Array<ArrayBuffer> {
  const grown = new Uint8Array(Math.max(least, bytes.length * 2));
  grown.set(bytes);
  return grown;
}

const SLASH = 0x2f;
