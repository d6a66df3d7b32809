import {
  type ByteSource,
  InvalidArchiveError,
  isOzxError,
  type OzxError,
  plural,
  type ReadOptions,
  UnsupportedError,
} from "@ozx/core";
import { crc32 } from "../crc32/crc32.js";
import { CENTRAL_HEADER_SIGNATURE } from "../records/central-header.js";
import {
  type EndOfCentralDirectory,
  type EndRecord,
  findEnds,
  MAX_END_DISTANCE,
  parseEnd,
  parseZip64End,
  parseZip64Locator,
  pointsToZip64,
  ZIP64_END_SIGNATURE,
  ZIP64_END_SIZE,
  ZIP64_LOCATOR_SIZE,
  type Zip64End,
  type Zip64Locator,
} from "../records/end-records.js";
import { SENTINEL_16, SENTINEL_32, viewOf } from "../records/fields.js";
import { LOCAL_HEADER_SIGNATURE } from "../records/local-header.js";
import { findEndBefore, sourceUntil } from "./source-parts.js";

/** What the records at the end of an archive say. */
export interface ArchiveEnd {
  /** The archive comment's bytes. */
  readonly comment: Uint8Array;
  readonly entries: number;
  /** Where the central directory starts, in bytes from the start of the file. */
  readonly directoryOffset: number;
  readonly directorySize: number;
  /** Bytes before the archive's own start, by which all its offsets are off; 0 in a well-made archive. */
  readonly shift: number;
  /** Bytes between the directory and the end records; 0 in a well-made archive. */
  readonly gap: number;
  /** The ZIP64 end record's place, and whether the classic one leaves its values to it (APPNOTE 4.4.1.4). */
  readonly zip64: { readonly offset: number; readonly sentinels: boolean } | undefined;
  /** CRC-32 of the last 64 KiB of the file: other where the archive was changed or replaced by another one. */
  readonly checksum: number;
}

/**
 * Reads the end of an archive: one read where the ZIP64 record lies within the last 64 KiB, two where not.
 *
 * @throws InvalidArchiveError when it is no archive, cut short, or contradicts itself
 * @throws UnsupportedError when it is one part of a spanned archive
 */
export async function readArchiveEnd(source: ByteSource, options?: ReadOptions): Promise<ArchiveEnd> {
  const tail = await readTail(source, options);
  const found = findEnds(tail.bytes);
  const [at] = found;
  if (at === undefined) throw await noEnd(source, options);
  return found.length === 1 ? readEndAt(source, tail, at, options) : chooseEnd(source, tail, found, options);
}

/**
 * Of several end records the one that stands directly behind its directory, both where it says: the others
 * lie in its comment and count from where that archive once started. Two such were made to deceive.
 */
async function chooseEnd(
  source: ByteSource,
  tail: Tail,
  found: readonly number[],
  options?: ReadOptions,
): Promise<ArchiveEnd> {
  const right: ArchiveEnd[] = [];
  for (const at of found.slice(0, MAX_ENDS)) {
    const end = await readEndAt(source, tail, at, options).catch((error: unknown) => {
      if (isOzxError(error, "InvalidArchive") || isOzxError(error, "Unsupported")) return undefined;
      throw error;
    });
    if (end?.shift === 0 && end.gap === 0) right.push(end);
  }
  const [end] = right;
  if (end !== undefined && right.length === 1 && found.length <= MAX_ENDS) return end;
  throw new InvalidArchiveError(
    `${source.name} ends with ${found.length} end of central directory records, so that different programs would see different contents in it: it was made to deceive, or two archives were joined`,
    { location: source.name },
  );
}

/** More end records than this are not looked at one by one: each may cost reads of its own. */
const MAX_ENDS = 8;

async function readEndAt(
  source: ByteSource,
  tail: Tail,
  at: number,
  options?: ReadOptions,
): Promise<ArchiveEnd> {
  const { bytes, start } = tail;
  const end = parseEnd(bytes, at);
  const locator = parseZip64Locator(bytes, at - ZIP64_LOCATOR_SIZE);
  const extent = locator
    ? await readZip64Extent(source, tail, at, end, locator, options)
    : { ...end, limit: start + at, zip64: undefined };
  refuseSpanned(source, end, extent);
  const { entries, directorySize, directoryOffset, limit } = extent;
  // Together they say how far the directory can reach; no count or size passes this that the file does not hold.
  if (directorySize > limit || entries * 46 > directorySize) {
    throw invalid(
      source,
      `claims a central directory of ${directorySize} bytes with ${entries} entries, which it has no room for`,
    );
  }
  if (directorySize > MAX_DIRECTORY) {
    throw new UnsupportedError(
      `${source.name} has a central directory of ${directorySize} bytes, and ${MAX_DIRECTORY} are the most that can be read`,
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
  // Without entries the directory stands nowhere, whatever is said about it.
  if (directorySize === 0) return { ...known, directoryOffset: limit, shift: 0, gap: 0 };
  const found = await findDirectory(source, tail, extent, options);
  return {
    ...known,
    directoryOffset: found,
    shift: found - directoryOffset,
    gap: limit - directorySize - found,
  };
}

/** Positions in the directory are kept in 32 bits; a real one of this size would hold 50 million entries. */
const MAX_DIRECTORY = 0xffff_ffff;

interface Tail {
  readonly bytes: Uint8Array;
  /** Where `bytes` starts in the file. */
  readonly start: number;
}

/** What both kinds of end record say, and where the directory must end. */
interface Extent extends EndRecord {
  readonly limit: number;
  readonly zip64: ArchiveEnd["zip64"];
}

async function readTail(source: ByteSource, options?: ReadOptions): Promise<Tail> {
  const length = Math.min(source.size, MAX_END_DISTANCE + ZIP64_LOCATOR_SIZE + ZIP64_END_SIZE);
  const start = source.size - length;
  return { bytes: await source.read(start, length, options), start };
}

async function readZip64Extent(
  source: ByteSource,
  tail: Tail,
  endAt: number,
  end: EndOfCentralDirectory,
  locator: Zip64Locator,
  options?: ReadOptions,
): Promise<Extent> {
  const sentinels = pointsToZip64(end);
  if (sentinels && (locator.disks > 1 || locator.disk !== 0)) throw spanned(source);
  const locatorOffset = tail.start + endAt - ZIP64_LOCATOR_SIZE;
  const read = async (offset: number): Promise<Uint8Array> =>
    offset >= tail.start
      ? tail.bytes.subarray(offset - tail.start, offset - tail.start + ZIP64_END_SIZE)
      : source.read(offset, ZIP64_END_SIZE, options);
  // Where bytes stand before the archive the locator is off by them; the record itself lies before the locator.
  for (const offset of [locator.endOffset, locatorOffset - ZIP64_END_SIZE]) {
    if (offset < 0 || offset + ZIP64_END_SIZE > locatorOffset) continue;
    const bytes = await read(offset);
    if (viewOf(bytes).getUint32(0, true) !== ZIP64_END_SIGNATURE) continue;
    const record = parseZip64End(bytes);
    if (offset + record.length > locatorOffset) continue;
    refuseContradiction(source, end, record);
    return { ...record, limit: offset, zip64: { offset, sentinels } };
  }
  // A locator is only followed where it leads somewhere, or where the classic record cannot do without it:
  // the bytes before the end record may look like one by chance.
  if (!sentinels) return { ...end, limit: tail.start + endAt, zip64: undefined };
  throw invalid(source, "has no ZIP64 end of central directory record where its locator points");
}

/** What the classic record says itself must be what the ZIP64 record says: other programs read only the one. */
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
 * Where the directory starts: directly before the end records, and where these say only if there is none. So
 * do most programs, and bytes before the archive do not lead to another archive's directory in them.
 */
async function findDirectory(
  source: ByteSource,
  tail: Tail,
  { directoryOffset, directorySize, limit }: Extent,
  options?: ReadOptions,
): Promise<number> {
  const before = limit - directorySize;
  const startsAt = async (offset: number): Promise<boolean> => {
    // Both agree, so that the directory, which is read next, need not be looked at first.
    if (offset < tail.start && before === directoryOffset) return true;
    const at = offset - tail.start;
    const start = at >= 0 ? tail.bytes.subarray(at, at + 4) : await source.read(offset, 4, options);
    return viewOf(start).getUint32(0, true) === CENTRAL_HEADER_SIGNATURE;
  };
  const right = await startsAt(before);
  if (right && before >= directoryOffset) return before;
  if (directoryOffset < before && (await startsAt(directoryOffset))) return directoryOffset;
  throw right
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

/** Why there is no end record: cut short when it starts like an archive, otherwise no archive at all. */
async function noEnd(source: ByteSource, options?: ReadOptions): Promise<OzxError> {
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
      ? `${source.name} starts as a zip archive but its end is missing: it was cut short, so copy or download it again`
      : `${source.name} is not a zip archive: it has no end of central directory record`,
    { location: source.name },
  );
}

/** Whether an archive ends there that starts where the file does. */
async function endsAt(source: ByteSource, position: number, options?: ReadOptions): Promise<boolean> {
  try {
    return (await readArchiveEnd(sourceUntil(source, position), options)).shift === 0;
  } catch (error) {
    if (isOzxError(error, "InvalidArchive") || isOzxError(error, "Unsupported")) return false;
    throw error;
  }
}

/** Starts the first part of a spanned archive (APPNOTE 8.5.3). */
const SPANNED_SIGNATURE = 0x08074b50;

function invalid(source: ByteSource, what: string): InvalidArchiveError {
  return new InvalidArchiveError(`${source.name} ${what}: it is damaged or was cut short, so copy it again`, {
    location: source.name,
  });
}
