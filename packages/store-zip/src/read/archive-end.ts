import {
  type ByteSource,
  InvalidArchiveError,
  isOzxError,
  type OzxError,
  type ReadOptions,
  UnsupportedError,
} from "@ozx/core";
import { plural } from "@ozx/core/internal";
import { crc32 } from "../crc32/crc32.js";
import { CENTRAL_HEADER_SIGNATURE, CENTRAL_HEADER_SIZE } from "../records/central-header.js";
import {
  type EndOfCentralDirectory,
  type EndRecord,
  findEnds,
  MAX_END_DISTANCE,
  parseEnd,
  parseZip64End,
  parseZip64Locator,
  pointsToZip64,
  SPANNED_SIGNATURE,
  ZIP64_END_SIGNATURE,
  ZIP64_END_SIZE,
  ZIP64_LOCATOR_SIZE,
  type Zip64End,
} from "../records/end-records.js";
import { SENTINEL_16, SENTINEL_32, viewOf } from "../records/fields.js";
import { LOCAL_HEADER_SIGNATURE } from "../records/local-header.js";
import { findEndBefore, sourcePart } from "./source-parts.js";

/** What the records at the end of an archive say (APPNOTE 4.3.14 to 4.3.16). */
export interface ArchiveEnd {
  /** The archive comment's bytes. */
  readonly comment: Uint8Array;
  /** The number of entries. */
  readonly entries: number;
  /** Where the central directory starts, in bytes from the start of the file. */
  readonly directoryOffset: number;
  /** Bytes of the central directory. */
  readonly directorySize: number;
  /** Bytes before the archive's own start, which must be added to its offsets; 0 in a well-formed archive. */
  readonly shift: number;
  /** Bytes between the directory and the end records; 0 in a well-formed archive. */
  readonly gap: number;
  /** Where the ZIP64 end record is, and whether the classic record refers to it by sentinels (APPNOTE 4.4.1.4). */
  readonly zip64: { readonly offset: number; readonly sentinels: boolean } | undefined;
  /** CRC-32 of the last 64 KiB of the file, which differs once the archive is changed or replaced. */
  readonly checksum: number;
}

/**
 * Reads the end of an archive, in one read if the ZIP64 record is within the last 64 KiB, otherwise in two.
 *
 * @throws InvalidArchiveError when it is not an archive, is truncated, or contradicts itself
 * @throws UnsupportedError when it is one part of a spanned archive, or its directory is larger than 4 GiB
 */
export async function readArchiveEnd(source: ByteSource, options?: ReadOptions): Promise<ArchiveEnd> {
  const tail = await readTail(source, options);
  const found = findEnds(tail.bytes);
  const [at] = found;
  if (at === undefined) throw await endMissing(source, options);
  return found.length === 1 ? readEndAt(tail, at, options) : chooseEnd(tail, found, options);
}

/** The last bytes of a source. */
interface Tail {
  readonly source: ByteSource;
  readonly bytes: Uint8Array;
  /** Where `bytes` starts in the file. */
  readonly start: number;
}

async function readTail(source: ByteSource, options?: ReadOptions): Promise<Tail> {
  const length = Math.min(source.size, MAX_END_DISTANCE + ZIP64_LOCATOR_SIZE + ZIP64_END_SIZE);
  const start = source.size - length;
  return { source, bytes: await source.read(start, length, options), start };
}

/**
 * Chooses among several end records the one whose directory ends directly before it and starts at the offset that it
 * gives. Others are part of its comment, from an archive that started elsewhere. Two such records are an attack.
 */
async function chooseEnd(tail: Tail, found: readonly number[], options?: ReadOptions): Promise<ArchiveEnd> {
  const { source } = tail;
  const consistent: ArchiveEnd[] = [];
  for (const at of found.slice(0, MAX_ENDS)) {
    const end = await readEndAt(tail, at, options).catch((error: unknown) => {
      if (isOzxError(error, "InvalidArchive") || isOzxError(error, "Unsupported")) return undefined;
      throw error;
    });
    if (end?.shift === 0 && end.gap === 0) consistent.push(end);
  }
  const [end] = consistent;
  if (end !== undefined && consistent.length === 1 && found.length <= MAX_ENDS) return end;
  throw new InvalidArchiveError(
    `${source.name} ends with ${found.length} end of central directory records, so different programs would read different contents: it was crafted to deceive, or two archives were joined`,
    { location: source.name },
  );
}

/** At most this many end records are examined: each may take reads of its own. */
const MAX_ENDS = 8;

async function readEndAt(tail: Tail, at: number, options?: ReadOptions): Promise<ArchiveEnd> {
  const { source, bytes } = tail;
  const end = parseEnd(bytes, at);
  const extent = await readExtent(tail, at, end, options);
  refuseSpanned(source, end, extent);
  const { entries, directorySize, directoryOffset, limit } = extent;
  // Counts and sizes are bounded by what the file can hold before anything is allocated.
  if (directorySize > limit || entries * CENTRAL_HEADER_SIZE > directorySize) {
    throw invalid(
      source,
      `claims a central directory of ${directorySize} bytes with ${entries} entries, which does not fit into it`,
    );
  }
  if (directorySize > MAX_DIRECTORY) {
    throw new UnsupportedError(
      `${source.name} has a central directory of ${directorySize} bytes; at most ${MAX_DIRECTORY} can be read`,
      { location: source.name, feature: "central directory beyond 4 GiB" },
    );
  }
  const known = {
    comment: end.comment.slice(),
    entries,
    directorySize,
    zip64: extent.zip64,
    checksum: crc32(bytes),
  };
  // A directory without entries has no position, whatever the record says.
  if (directorySize === 0) return { ...known, directoryOffset: limit, shift: 0, gap: 0 };
  const found = await findDirectory(tail, extent, options);
  return {
    ...known,
    directoryOffset: found,
    shift: found - directoryOffset,
    gap: limit - directorySize - found,
  };
}

/** Positions in the directory are 32-bit numbers; a directory of this size would have 50 million entries. */
const MAX_DIRECTORY = 0xffff_ffff;

/** What both kinds of end record say, and where the directory must end. */
interface Extent extends EndRecord {
  readonly limit: number;
  readonly zip64: ArchiveEnd["zip64"];
}

/** What the ZIP64 end record says where there is one, otherwise the classic record at `endAt` of the tail. */
async function readExtent(
  tail: Tail,
  endAt: number,
  end: EndOfCentralDirectory,
  options?: ReadOptions,
): Promise<Extent> {
  const { source } = tail;
  const classic = { ...end, limit: tail.start + endAt, zip64: undefined };
  const locator = parseZip64Locator(tail.bytes, endAt - ZIP64_LOCATOR_SIZE);
  if (locator === undefined) return classic;
  const sentinels = pointsToZip64(end);
  if (sentinels && (locator.disks > 1 || locator.disk !== 0)) throw spanned(source);
  const locatorOffset = tail.start + endAt - ZIP64_LOCATOR_SIZE;
  const read = async (offset: number): Promise<Uint8Array> =>
    offset >= tail.start
      ? tail.bytes.subarray(offset - tail.start, offset - tail.start + ZIP64_END_SIZE)
      : source.read(offset, ZIP64_END_SIZE, options);
  // Where bytes precede the archive, the locator is off by them, and the record is still directly before it.
  for (const offset of [locator.endOffset, locatorOffset - ZIP64_END_SIZE]) {
    if (offset < 0 || offset + ZIP64_END_SIZE > locatorOffset) continue;
    const bytes = await read(offset);
    if (viewOf(bytes).getUint32(0, true) !== ZIP64_END_SIGNATURE) continue;
    const record = parseZip64End(bytes);
    if (offset + record.length > locatorOffset) continue;
    refuseContradiction(source, end, record);
    return { ...record, limit: offset, zip64: { offset, sentinels } };
  }
  // The bytes before the end record may look like a locator by chance, so without a record it is ignored, unless
  // the classic record needs it.
  if (!sentinels) return classic;
  throw invalid(source, "has no ZIP64 end of central directory record where its locator points");
}

/** Values in the classic record must be those of the ZIP64 record: some programs read only one of the two. */
function refuseContradiction(source: ByteSource, end: EndOfCentralDirectory, record: Zip64End): void {
  const pairs = [
    ["entries", end.entries, record.entries, SENTINEL_16],
    ["bytes of central directory", end.directorySize, record.directorySize, SENTINEL_32],
    ["bytes before the central directory", end.directoryOffset, record.directoryOffset, SENTINEL_32],
  ] as const;
  for (const [what, classic, large, sentinel] of pairs) {
    if (classic === sentinel || classic === large) continue;
    throw invalid(source, `says ${classic} ${what} in one end record and ${large} in the other`);
  }
}

/**
 * Where the directory starts: directly before the end records, or, if there is none, where these point. Most programs
 * do the same, and bytes before the archive cannot lead to another archive's directory.
 */
async function findDirectory(
  { source, bytes, start: tailStart }: Tail,
  { directoryOffset, directorySize, limit }: Extent,
  options?: ReadOptions,
): Promise<number> {
  const before = limit - directorySize;
  const startsAt = async (offset: number): Promise<boolean> => {
    // Both agree, and parsing the directory, which is next, checks its signature.
    if (offset < tailStart && before === directoryOffset) return true;
    const at = offset - tailStart;
    const signature = at >= 0 ? bytes.subarray(at, at + 4) : await source.read(offset, 4, options);
    return viewOf(signature).getUint32(0, true) === CENTRAL_HEADER_SIGNATURE;
  };
  const isBefore = await startsAt(before);
  if (isBefore && before >= directoryOffset) return before;
  if (directoryOffset < before && (await startsAt(directoryOffset))) return directoryOffset;
  throw isBefore
    ? invalid(source, `lacks ${directoryOffset - before} of its bytes`)
    : invalid(source, "has no central directory where its end record points");
}

function refuseSpanned(source: ByteSource, end: EndOfCentralDirectory, extent: Extent): void {
  const { disk, directoryDisk, entries, entriesOnDisk } = extent;
  const disks = [disk, directoryDisk, ...[end.disk, end.directoryDisk].filter((n) => n !== SENTINEL_16)];
  if (disks.some((n) => n !== 0) || entries !== entriesOnDisk) throw spanned(source);
}

function spanned(source: ByteSource): UnsupportedError {
  return new UnsupportedError(
    `${source.name} is one part of an archive that spans several files, which .ozx does not allow: join the parts first, as with "zip -s 0 parts.zip --out whole.zip"`,
    { location: source.name, feature: "spanned archive" },
  );
}

/** Why there is no end record: trailing bytes, a truncated archive, or a file that is not an archive. */
async function endMissing(source: ByteSource, options?: ReadOptions): Promise<OzxError> {
  const head = source.size >= 4 ? await source.read(0, 4, options) : new Uint8Array(4);
  const signature = viewOf(head).getUint32(0, true);
  if (signature === SPANNED_SIGNATURE) return spanned(source);
  const before = await findEndBefore(source, options);
  if (before !== undefined && (await endsAt(source, before, options))) {
    const bytes = source.size - before;
    return new InvalidArchiveError(
      `${plural(bytes, "byte")} follow${bytes === 1 ? "s" : ""} the archive's end in ${source.name}: "ozx fix" cuts ${bytes === 1 ? "it" : "them"} off`,
      { location: source.name },
    );
  }
  return new InvalidArchiveError(
    signature === LOCAL_HEADER_SIGNATURE
      ? `${source.name} starts as a zip archive but its end is missing: it was truncated, so copy or download it again`
      : `${source.name} is not a zip archive: it has no end of central directory record`,
    { location: source.name },
  );
}

/** Whether an archive that starts at the start of the file ends at `position`. */
async function endsAt(source: ByteSource, position: number, options?: ReadOptions): Promise<boolean> {
  try {
    return (await readArchiveEnd(sourcePart(source, 0, position), options)).shift === 0;
  } catch (error) {
    if (isOzxError(error, "InvalidArchive") || isOzxError(error, "Unsupported")) return false;
    throw error;
  }
}

function invalid(source: ByteSource, what: string): InvalidArchiveError {
  return new InvalidArchiveError(`${source.name} ${what}: it is damaged or truncated, so copy it again`, {
    location: source.name,
  });
}
