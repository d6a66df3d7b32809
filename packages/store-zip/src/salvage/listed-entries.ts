import type { ByteSource, ReadOptions } from "@ozx/core";
import { createThrottle } from "@ozx/core/container";
import {
  type CentralDirectory,
  type DirectoryEntry,
  entryAt,
  hasBytesAt,
  MARK_DIRECTORY,
  MARK_OVERLAPS,
  MARK_RENAMED,
  MARK_SHADOWED,
  MARK_SYMLINK,
  nameBytesAt,
} from "../directory/central-directory.js";
import { fileOrder } from "../directory/file-order.js";
import type { ZipArchive } from "../read/archive.js";
import { LOCAL_ZIP64_EXTRA_SIZE } from "../records/extra-fields.js";
import { FLAG_DATA_DESCRIPTOR, RecordError } from "../records/fields.js";
import {
  LOCAL_HEADER_SIZE,
  LONGEST_LOCAL_HEADER,
  type LocalHeader,
  parseLocalHeader,
} from "../records/local-header.js";
import { checkData, type DataClaims, readBytes, type SoundEntry, unsupportedData } from "./entry-data.js";

/** What the central directory says of an entry, and where its header should be. */
export interface ListedEntry extends DataClaims {
  readonly headerOffset: number;
}

/** What became of an entry: its data was found, or the reason why it was not, or cannot be. */
export type Checked =
  | { readonly entry: SoundEntry }
  | { readonly reason: string; readonly isFinal?: boolean };

/** Called with each entry of the directory that has data, in the order of the file. */
type OnChecked = (listed: ListedEntry, checked: Checked) => void;

/** Reads all entries that a directory lists, and checks their CRCs. */
export async function checkListed(
  { source, directory, end }: ZipArchive,
  onChecked: OnChecked,
  options?: ReadOptions,
): Promise<void> {
  const pause = createThrottle(options);
  const order = fileOrder(directory.headerOffsets);
  for (const [at, index] of order.entries()) {
    await pause();
    const marks = directory.marks[index] as number;
    if ((marks & (MARK_SHADOWED | MARK_DIRECTORY)) !== 0) continue;
    const entry = entryAt(directory, index);
    const next = order[at + 1];
    const limit = next === undefined ? end.directoryOffset : (directory.headerOffsets[next] as number);
    onChecked(entry, await checkEntry(source, entry, { directory, limit }, options));
  }
}

async function checkEntry(
  source: ByteSource,
  entry: DirectoryEntry,
  { directory, limit }: { readonly directory: CentralDirectory; readonly limit: number },
  options?: ReadOptions,
): Promise<Checked> {
  if ((entry.marks & MARK_SYMLINK) !== 0) return { reason: "it is a symbolic link", isFinal: true };
  // Many names for the same bytes would write more than was read.
  if ((entry.marks & MARK_OVERLAPS) !== 0) return { reason: "it overlaps another entry" };
  const isNamed = (header: LocalHeader): boolean =>
    (entry.marks & MARK_RENAMED) !== 0 ||
    hasBytesAt(header.name, 0, header.name.length, nameBytesAt(directory, entry.index));
  return locateListed(source, entry, { isNamed, nameLength: entry.nameLength, limit }, options);
}

/** What is known of an entry besides its listing. */
interface Surroundings {
  /** Whether a local header is that of the entry. */
  readonly isNamed: (header: LocalHeader) => boolean;
  /** Bytes of its name. */
  readonly nameLength: number;
  /** Where the next entry, or the directory, starts; NaN where it is not known. */
  readonly limit: number;
}

/**
 * Finds the data of a listed entry where its header is, or where the data is if that header is damaged: directly before
 * the next entry, or after a header of a usual length.
 */
export async function locateListed(
  source: ByteSource,
  listed: ListedEntry,
  { isNamed, nameLength, limit }: Surroundings,
  options?: ReadOptions,
): Promise<Checked> {
  const { headerOffset, compressedSize } = listed;
  const unsupported = unsupportedData(listed);
  if (unsupported !== undefined) return { reason: unsupported };
  if (!(headerOffset >= 0 && headerOffset < source.size)) return { reason: "the file ends before it" };
  const header = await readHeader(source, headerOffset, options);
  if (header !== undefined && isNamed(header)) {
    const dataOffset = headerOffset + header.dataStart;
    const reason = await checkData(source, listed, dataOffset, options);
    if (reason === undefined) return { entry: { ...soundOf(listed), dataOffset } };
    const own = await checkByHeader(
      source,
      { ...header, name: listed.name, headerOffset },
      dataOffset,
      options,
    );
    return own ?? { reason };
  }
  const afterName = headerOffset + LOCAL_HEADER_SIZE + nameLength;
  const guesses = [limit - compressedSize, afterName, afterName + LOCAL_ZIP64_EXTRA_SIZE];
  for (const dataOffset of new Set(guesses)) {
    if (!(dataOffset >= afterName)) continue;
    const reason = await checkData(source, listed, dataOffset, options);
    if (reason === undefined) return { entry: { ...soundOf(listed), dataOffset } };
  }
  return { reason: "its header is damaged, and its data does not match its CRC" };
}

/** The entry by what its local header says of it, where the directory has another CRC or size. */
async function checkByHeader(
  source: ByteSource,
  claims: ListedEntry,
  dataOffset: number,
  options?: ReadOptions,
): Promise<Checked | undefined> {
  if ((claims.flags & FLAG_DATA_DESCRIPTOR) !== 0 || unsupportedData(claims) !== undefined) return undefined;
  const reason = await checkData(source, claims, dataOffset, options);
  return reason === undefined ? { entry: { ...soundOf(claims), dataOffset } } : undefined;
}

/** Only the numbers, so that the bytes of a header are not kept. */
function soundOf({ name, headerOffset, flags, method, crc, compressedSize, size }: ListedEntry): ListedEntry {
  return { name, headerOffset, flags, method, crc, compressedSize, size };
}

/** Bytes of a header that are read first: longer ones are rare. */
const FIRST_READ = 512;

/** The local header at a position; undefined where there is none. */
async function readHeader(
  source: ByteSource,
  offset: number,
  options?: ReadOptions,
): Promise<LocalHeader | undefined> {
  const longest = Math.min(source.size - offset, LONGEST_LOCAL_HEADER);
  for (const length of new Set([Math.min(FIRST_READ, longest), longest])) {
    const header = headerAt(await readBytes(source, offset, length, options));
    if (header !== undefined) return header;
  }
  return undefined;
}

/** The local header at the start of the bytes; undefined where there is none, or it is not whole. */
export function headerAt(bytes: Uint8Array): LocalHeader | undefined {
  try {
    return parseLocalHeader(bytes);
  } catch (error) {
    if (error instanceof RecordError) return undefined;
    throw error;
  }
}
