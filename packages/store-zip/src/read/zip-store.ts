import type { AbsolutePath, Finding, ReadOptions, Store, StoreDescriptor, StoreOptions } from "@ozx/core";
import {
  createThrottle,
  isListed,
  refuseTooLong,
  resolveRange,
  type SourceDescriptor,
  type StoreFingerprint,
} from "@ozx/core/container";
import { crc32 } from "../crc32/crc32.js";
import {
  type CentralDirectory,
  type DirectoryEntry,
  findEntry,
  MARK_DIRECTORY,
  MARK_SHADOWED,
  nameAt,
} from "../directory/central-directory.js";
import { METHOD_STORED } from "../records/fields.js";
import type { OpenArchiveOptions, ZipArchive } from "./archive.js";
import type { ArchiveEnd } from "./archive-end.js";
import { checkCrc, checkReadable } from "./check-entry.js";
import { inflateEntry, openStoredEntry, streamEntryData } from "./entry-stream.js";
import {
  createHeaderPattern,
  createScratch,
  type HeaderPattern,
  readLocalData,
  readLocalDataSync,
  readLocalHeader,
} from "./local-data.js";

/** A `Store` over a zip archive, whose directory may not have been read completely yet. */
export interface ArchiveStore extends Store {
  /** The folder of the archive that is the store's root: empty, or ending with a slash. */
  readonly root: string;
  /** Whether the whole directory has been read. If not, listing the store reads the rest of it. */
  readonly isWhole: boolean;
  /**
   * The archive itself; reads the rest of its directory where that is missing.
   *
   * @throws what `openOzx` throws for a damaged archive
   */
  loadArchive(options?: ReadOptions): Promise<ZipArchive>;
}

/** Whether a store is over a zip archive, so that `loadArchive` gives access to its entries. */
export function isZipStore(store: Store): store is ArchiveStore {
  return store.format === "zip" && "loadArchive" in store;
}

/** A `Store` over a zip archive whose directory has been read. */
export interface ZipStore extends ArchiveStore {
  readonly archive: ZipArchive;
}

/** Bytes by which a small value may become longer when it is deflated; no value becomes twice as long. */
const DEFLATED_ROOM = 64 * 1024;

/** What a store over an archive may have besides its entries. */
export interface ZipStoreParts {
  /** The folder of the archive that is the store's root, ending with a slash; the archive's own root by default. */
  readonly root?: string;
  /** What the store reports about the archive. */
  readonly findings?: readonly Finding[];
  /** What other stores over the same archive have learned of its local headers. */
  readonly pattern?: HeaderPattern;
}

/** The store over an open archive. Whole values are checked against their CRC; ranges of values cannot be. */
export function zipStore(
  archive: ZipArchive,
  { root = "", findings = [], pattern = createHeaderPattern() }: ZipStoreParts = {},
): ZipStore {
  const { source, directory } = archive;
  /** Where the data of entries starts that were read in part, by index. */
  const dataOffsets = new Map<number, number>();

  const find = (key: AbsolutePath): DirectoryEntry | undefined => {
    const entry = findEntry(directory, root + key.slice(1));
    if (entry === undefined || (entry.marks & MARK_DIRECTORY) !== 0) return undefined;
    checkReadable(archive, entry);
    return entry;
  };
  const checked = (entry: DirectoryEntry, data: Uint8Array): Uint8Array => {
    const value = entry.method === METHOD_STORED ? data : inflateEntry(archive, entry, data);
    checkCrc(archive, entry, crc32(value));
    return value;
  };
  const dataOffset = async (entry: DirectoryEntry, options?: ReadOptions): Promise<number> => {
    const known = dataOffsets.get(entry.index);
    if (known !== undefined) return known;
    const predicted = pattern.dataStart(archive, entry);
    const dataStart = predicted ?? (await readLocalHeader(archive, entry, options)).dataStart;
    if (predicted === undefined) pattern.learn(archive, entry, dataStart);
    const offset = entry.headerOffset + dataStart;
    dataOffsets.set(entry.index, offset);
    return offset;
  };
  const localData = async (entry: DirectoryEntry, options?: ReadOptions): Promise<Uint8Array> => {
    const { data, dataStart } = await readLocalData(archive, entry, options);
    pattern.learn(archive, entry, dataStart);
    return data;
  };

  const store: ZipStore = {
    name: source.name,
    format: "zip",
    findings,
    archive,
    root,
    isWhole: true,
    loadArchive: async () => archive,
    async get(key, options) {
      options?.signal?.throwIfAborted();
      const entry = find(key);
      if (entry === undefined) return undefined;
      refuseTooLong(
        source.name,
        key,
        Math.max(entry.size, (entry.compressedSize - DEFLATED_ROOM) / 2),
        options,
      );
      return ownBuffer(checked(entry, await localData(entry, options)));
    },
    async getRange(key, range, options) {
      options?.signal?.throwIfAborted();
      const entry = find(key);
      if (entry === undefined) return undefined;
      const { offset, length } = resolveRange(range, entry.size);
      if (entry.method !== METHOD_STORED) {
        const value = checked(entry, await localData(entry, options));
        return ownBuffer(value.subarray(offset, offset + length));
      }
      if (length === 0) return new Uint8Array(0);
      return ownBuffer(await source.read((await dataOffset(entry, options)) + offset, length, options));
    },
    async stream(key, options) {
      options?.signal?.throwIfAborted();
      const entry = find(key);
      return entry && streamEntryData(archive, entry, options);
    },
    async *list(options) {
      const pause = createThrottle(options);
      for (let index = 0; index < directory.count; index++) {
        // Reading the clock costs as much as looking at a name.
        const paused = index % 256 === 0 ? pause() : undefined;
        if (paused !== undefined) await paused;
        if (((directory.marks[index] as number) & (MARK_SHADOWED | MARK_DIRECTORY)) !== 0) continue;
        const name = nameAt(directory, index);
        if (!name.startsWith(root)) continue;
        const key: AbsolutePath = `/${name.slice(root.length)}`;
        if (!isListed(key, options)) continue;
        options?.signal?.throwIfAborted();
        yield { key, size: directory.sizes[index] as number };
      }
    },
    // The CRC of every value that is read is checked already.
    checkUnchanged: async () => source.checkUnchanged?.(),
    fingerprint: (keys, options) => fingerprintEntries(directory, root, keys, options),
    close: () => source.close(),
  };
  const described = source.descriptor?.();
  if (described !== undefined) store.descriptor = () => describeStore(archive, described, root);
  const inFile = source.locate?.bind(source);
  if (inFile !== undefined) {
    store.locate = (key, range) => {
      const entry = find(key);
      if (entry?.method !== METHOD_STORED) return undefined;
      const dataStart = pattern.dataStart(archive, entry);
      const { offset, length } = range ?? { offset: 0, length: entry.size };
      if (dataStart === undefined || !isWithin(entry.size, offset, length)) return undefined;
      const part = inFile({ offset: entry.headerOffset + dataStart + offset, length });
      return range === undefined ? { ...part, crc32: entry.crc } : part;
    };
  }
  if (source.readSync !== undefined) {
    const scratch = createScratch(source.name);
    store.readSync = (key, target) => {
      const entry = find(key);
      if (entry === undefined) return 0;
      const value = checked(entry, readLocalDataSync(archive, entry, scratch));
      const part = value.subarray(0, target.length);
      target.set(part);
      return part.length;
    };
    store.openSync = (key) => {
      const entry = find(key);
      return entry?.method === METHOD_STORED ? openStoredEntry(archive, entry) : undefined;
    };
  }
  return store;
}

/**
 * A value in a buffer of its own. A view into a larger buffer keeps its neighbours in memory, cannot be transferred to
 * another thread, is misread by zarrita's `vlen-utf8` codec (0.7.5), which starts where the buffer does, and is
 * rejected by its shard index (0.5.4) where it is not aligned to 8 bytes.
 */
function ownBuffer(value: Uint8Array): Uint8Array {
  return value.byteLength === value.buffer.byteLength ? value : value.slice();
}

function isWithin(size: number, offset: number, length: number): boolean {
  return offset >= 0 && length >= 0 && offset + length <= size;
}

/** Describes how to reopen the store over an archive; its directory is included if threads can share it. */
export function describeStore(
  { end, directory }: { readonly end: ArchiveEnd; readonly directory?: CentralDirectory },
  source: SourceDescriptor,
  root: string,
): StoreDescriptor {
  const shared = directory !== undefined && !(directory.names.buffer instanceof ArrayBuffer);
  return {
    format: "zip",
    location: source.location,
    version: `${source.version}, ending with ${end.checksum.toString(16).padStart(8, "0")}`,
    root,
    ...(shared && { shared: withoutJson(directory) }),
  };
}

/** Shared memory stays in its process: JSON omits the property, and structured clones have it. */
function withoutJson(directory: CentralDirectory): CentralDirectory {
  return Object.defineProperty({ ...directory }, "toJSON", { value: () => undefined });
}

/** The options of a store as those of its archive. A descriptor from another thread may have the directory. */
export function archiveOptions(options: StoreOptions): OpenArchiveOptions {
  const { signal, shareIndex, descriptor, maxMetadata } = options;
  const directory = isDirectory(descriptor?.shared) ? descriptor.shared : undefined;
  return { signal, shared: shareIndex, directory, maxMetadata };
}

function isDirectory(shared: unknown): shared is CentralDirectory {
  return (
    typeof shared === "object" && shared !== null && "slots" in shared && shared.slots instanceof Uint32Array
  );
}

const encoder = new TextEncoder();

/** Identifies the values of keys, in their order, by the names and CRCs of their entries, which every read checks. */
async function fingerprintEntries(
  directory: CentralDirectory,
  root: string,
  keys: Iterable<AbsolutePath>,
  options?: ReadOptions,
): Promise<StoreFingerprint> {
  const pause = createThrottle(options);
  let count = 0;
  let crc = 0;
  for (const key of keys) {
    const name = root + key.slice(1);
    count++;
    crc = crc32(encoder.encode(`${name} ${findEntry(directory, name)?.crc}\n`), crc);
    const rest = pause();
    if (rest !== undefined) await rest;
  }
  return { text: `${count}-${crc.toString(16)}` };
}
