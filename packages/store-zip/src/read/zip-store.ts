import {
  type AbsolutePath,
  type ByteSource,
  createThrottle,
  type Finding,
  isListed,
  type ReadOptions,
  resolveRange,
  type SourceDescriptor,
  type Store,
  type StoreDescriptor,
  type StoreFingerprint,
  type StoreOptions,
  toByteSource,
} from "@ozx/core";
import { crc32 } from "../crc32/crc32.js";
import {
  type CentralDirectory,
  type DirectoryEntry,
  entryAt,
  findEntry,
  MARK_DIRECTORY,
  MARK_SHADOWED,
  nameAt,
} from "../directory/central-directory.js";
import { METHOD_STORED } from "../records/fields.js";
import { type OpenArchiveOptions, openArchive, type ZipArchive } from "./archive.js";
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

/** A `Store` over an archive that can be looked at, though its directory may not have been read yet. */
export interface ArchiveStore extends Store {
  /** The folder inside the archive that is the store's root: empty, or ending with a slash. */
  readonly root: string;
  /** The archive, with the rest of its directory read if need be. */
  loadArchive(options?: ReadOptions): Promise<ZipArchive>;
}

/** A `Store` over the entries of a zip archive, which is at hand for those who want to look at it. */
export interface ZipStore extends ArchiveStore {
  readonly archive: ZipArchive;
}

export interface ZipStoreOptions extends Pick<StoreOptions, "signal" | "shareIndex" | "descriptor"> {
  /** The folder inside the archive to take as the root; the archive's own root by default. */
  readonly root?: string;
}

/**
 * Opens a zip archive as a store of keys and values; nothing of Zarr is looked at. It is a drop-in store for
 * zarrita.
 *
 * Whole values are checked against their CRC; parts of values (`getRange`) cannot be.
 *
 * @throws InvalidArchiveError when it is damaged, cut short or no archive
 * @throws UnsupportedError when it spans several files
 */
export async function openZipStore(source: ByteSource | Blob, options?: ZipStoreOptions): Promise<ZipStore> {
  return zipStore(await openArchive(await toByteSource(source), archiveOptions(options)), options);
}

/** What the options of a store mean for its archive. */
export function archiveOptions({ signal, shareIndex, descriptor }: ZipStoreOptions = {}): OpenArchiveOptions {
  return { signal, shared: shareIndex, directory: sharedDirectory(descriptor) };
}

/** Whether a store is one over a zip archive, which can then be looked at. */
export function isZipStore(store: Store): store is ArchiveStore {
  return store.format === "zip" && "loadArchive" in store;
}

export interface ZipStoreParts {
  readonly root?: string;
  readonly findings?: readonly Finding[];
}

/** The store over an archive that is open already. */
export function zipStore(archive: ZipArchive, parts?: ZipStoreParts): ZipStore {
  return storeOver(archive, createHeaderPattern(), parts);
}

/**
 * Like {@link zipStore}, among stores over one archive.
 *
 * @param pattern what the others know of the archive's local headers
 */
export function storeOver(
  archive: ZipArchive,
  pattern: HeaderPattern,
  { root = "", findings = [] }: ZipStoreParts = {},
): ZipStore {
  const { source, directory } = archive;
  /** Where the data of entries that were read in part starts, by index. */
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
    const presumed = pattern.dataStart(archive, entry);
    const dataStart = presumed ?? (await readLocalHeader(archive, entry, options)).dataStart;
    if (presumed === undefined) pattern.learn(archive, entry, dataStart);
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
    loadArchive: async () => archive,
    async get(key, options) {
      options?.signal?.throwIfAborted();
      const entry = find(key);
      return entry && ownBuffer(checked(entry, await localData(entry, options)));
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
      for (let index = 0; index < directory.count; index++) {
        if (((directory.marks[index] as number) & (MARK_SHADOWED | MARK_DIRECTORY)) !== 0) continue;
        const name = nameAt(directory, index);
        if (!name.startsWith(root)) continue;
        const key: AbsolutePath = `/${name.slice(root.length)}`;
        if (!isListed(key, options)) continue;
        options?.signal?.throwIfAborted();
        yield { key, size: directory.sizes[index] as number };
      }
    },
    fingerprint: (keys, options) => fingerprintEntries(directory, namesOf(root, keys), options),
    close: () => source.close(),
  };
  const described = source.descriptor?.();
  if (described !== undefined) store.descriptor = () => describeStore(archive, described, root);
  if (source.readSync !== undefined) {
    const scratch = createScratch();
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

function* namesOf(root: string, keys: Iterable<AbsolutePath>): Generator<string> {
  for (const key of keys) yield root + key.slice(1);
}

/** Every entry's row, in the directory's order. For those who look at the archive and not at its values. */
export function* entriesOf({ directory }: ZipArchive): Generator<DirectoryEntry> {
  for (let index = 0; index < directory.count; index++) yield entryAt(directory, index);
}

/**
 * A value in a buffer of its own. A view into what was read would keep its neighbours alive, could not be given
 * to another thread, is misread by zarrita's `vlen-utf8` codec (0.7.5), which starts where the buffer does, and
 * refused by its shard index (0.5.4) where it starts at a place that 64-bit numbers cannot.
 */
function ownBuffer(value: Uint8Array): Uint8Array {
  return value.byteLength === value.buffer.byteLength ? value : value.slice();
}

/** How to open the store over an archive again; its directory comes along where threads can share it. */
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

/** Shared memory stays in its process: JSON leaves the property out, and a clone has it without this. */
function withoutJson(directory: CentralDirectory): CentralDirectory {
  return Object.defineProperty({ ...directory }, "toJSON", { value: () => undefined });
}

/** The directory in a descriptor that came from another thread; undefined where there is none, as from JSON. */
export function sharedDirectory(descriptor: StoreDescriptor | undefined): CentralDirectory | undefined {
  return isDirectory(descriptor?.shared) ? descriptor.shared : undefined;
}

function isDirectory(shared: unknown): shared is CentralDirectory {
  return (
    typeof shared === "object" && shared !== null && "slots" in shared && shared.slots instanceof Uint32Array
  );
}

const encoder = new TextEncoder();

/**
 * A stamp of entries, in their order, from their names and CRCs: what is read is held against these, so nothing else can
 * be read while they stay.
 */
export async function fingerprintEntries(
  directory: CentralDirectory,
  names: Iterable<string>,
  options?: ReadOptions,
): Promise<StoreFingerprint> {
  const pause = createThrottle();
  let count = 0;
  let crc = 0;
  for (const name of names) {
    count++;
    crc = crc32(encoder.encode(`${name} ${findEntry(directory, name)?.crc}\n`), crc);
    const rest = pause();
    if (rest === undefined) continue;
    await rest;
    options?.signal?.throwIfAborted();
  }
  return { text: `${count}-${crc.toString(16)}` };
}
