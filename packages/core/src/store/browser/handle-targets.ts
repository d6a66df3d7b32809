import { readAhead } from "../../bytes/concurrency.js";
import type { ByteSink } from "../../bytes/source-and-sink.js";
import { DestinationExistsError, isOzxError, reasonOf, WriteFailedError } from "../../errors.js";
import { readEntry, streamEntry } from "../entry-bytes.js";
import type { AbsolutePath } from "../store.js";
import { checkKeysDistinct, checkKeysSafe, keyName, parentKey } from "../store-keys.js";
import type { EntryInput, GeneratedEntry, Progress, StoreTarget, WriteJob, WriteOptions } from "../target.js";

/** Entries up to this size are read whole, several at once; larger ones block by block, one at a time. */
const WHOLE = 1024 * 1024;
const AT_ONCE = 8;

/**
 * A target that creates a new folder, with one file an entry, in a folder that a page has a handle of (File System
 * API). On failure or abort the new folder is removed again.
 *
 * `write` throws `DestinationExistsError` when something other than an empty folder has that name.
 *
 * @param name of the new folder
 */
export function folderTarget(parent: FileSystemDirectoryHandle, name: string): StoreTarget {
  const location = `${parent.name}/${name}`;
  return {
    name: location,
    async write(job, options) {
      const keys = job.entries.map(({ key }) => key);
      checkKeysSafe(keys, job.source.name);
      checkKeysDistinct(keys, job.source.name);
      const folder = await newFolder(parent, name, location);
      try {
        await writeFiles(job, folder, options);
      } catch (error) {
        await parent.removeEntry(name, { recursive: true }).catch(() => {});
        options?.signal?.throwIfAborted();
        throw isOzxError(error) || !(error instanceof DOMException || error instanceof TypeError)
          ? error
          : browserWriteError(error, location);
      }
    },
  };
}

async function newFolder(
  parent: FileSystemDirectoryHandle,
  name: string,
  location: string,
): Promise<FileSystemDirectoryHandle> {
  const exists = (): DestinationExistsError =>
    new DestinationExistsError(`${location} exists already: choose another folder, or remove it first`, {
      ...{ location, replaceable: false },
    });
  let folder: FileSystemDirectoryHandle;
  try {
    folder = await parent.getDirectoryHandle(name, { create: true });
  } catch (error) {
    throw error instanceof Error && error.name === "TypeMismatchError"
      ? exists()
      : browserWriteError(error, location);
  }
  for await (const _ of folder.keys()) throw exists();
  return folder;
}

async function writeFiles(
  job: WriteJob,
  folder: FileSystemDirectoryHandle,
  options: WriteOptions = {},
): Promise<void> {
  const { signal } = options;
  const done = { entries: 0, bytes: 0 };
  const report = (more: Progress): void => {
    done.entries += more.entries;
    done.bytes += more.bytes;
    options.onProgress?.({ ...done });
  };
  const folderAt = foldersBelow(folder);
  const openFile = async (key: AbsolutePath): Promise<FileSystemWritableFileStream> => {
    const file = await (await folderAt(parentKey(key))).getFileHandle(keyName(key), { create: true });
    return file.createWritable();
  };
  const writeBlocks = async (
    key: AbsolutePath,
    blocks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  ): Promise<void> => {
    const file = await openFile(key);
    try {
      for await (const block of blocks) {
        signal?.throwIfAborted();
        await file.write(block as Uint8Array<ArrayBuffer>);
        report({ entries: 0, bytes: block.length });
      }
      await file.close();
    } catch (error) {
      await file.abort().catch(() => {});
      throw error;
    }
    report({ entries: 1, bytes: 0 });
  };
  const started = new Set<Promise<void>>();
  const copyWhole = (entry: EntryInput): Promise<void> => {
    const copying = readEntry(job.source, entry, options).then((bytes) => writeBlocks(entry.key, [bytes]));
    started.add(copying);
    return copying.finally(() => started.delete(copying));
  };
  const small = job.entries.filter(({ size }) => size <= WHOLE);
  try {
    for await (const _ of readAhead(small, AT_ONCE, copyWhole)) signal?.throwIfAborted();
  } finally {
    // After a failure too: a file that is still being written could reappear after its folder was removed.
    await Promise.allSettled(started);
  }
  for (const entry of job.entries) {
    if (entry.size > WHOLE) await writeBlocks(entry.key, streamEntry(job.source, entry, options));
  }
  for await (const { key, bytes } of job.generated?.produce(options) ?? noEntries()) {
    checkKeysSafe([key], job.source.name);
    await writeBlocks(key, bytes instanceof Uint8Array ? [bytes] : bytes);
  }
}

async function* noEntries(): AsyncGenerator<GeneratedEntry> {}

/** Creates folders below `root` when they are first needed. */
function foldersBelow(
  root: FileSystemDirectoryHandle,
): (path: AbsolutePath) => Promise<FileSystemDirectoryHandle> {
  const folders = new Map<AbsolutePath, Promise<FileSystemDirectoryHandle>>([["/", Promise.resolve(root)]]);
  const folderAt = (path: AbsolutePath): Promise<FileSystemDirectoryHandle> => {
    const folder =
      folders.get(path) ??
      folderAt(parentKey(path)).then((parent) => parent.getDirectoryHandle(keyName(path), { create: true }));
    folders.set(path, folder);
    return folder;
  };
  return folderAt;
}

/**
 * A sink that replaces the file of a handle (File System API): one chosen with `showSaveFilePicker`, or one in the
 * page's own storage. The browser writes to a staged file, which replaces the handle's on `commit`.
 *
 * @throws WriteFailedError when the browser does not let the page write
 */
export async function fileHandleSink(handle: FileSystemFileHandle): Promise<ByteSink> {
  const { name } = handle;
  const file = await handle.createWritable().catch((error: unknown) => {
    throw browserWriteError(error, name);
  });
  return {
    name,
    forwardOnly: false,
    async write(position, bytes, options) {
      options?.signal?.throwIfAborted();
      try {
        await file.write({ type: "write", position, data: bytes as Uint8Array<ArrayBuffer> });
      } catch (error) {
        throw browserWriteError(error, name);
      }
    },
    async commit() {
      await file.close().catch((error: unknown) => {
        throw browserWriteError(error, name);
      });
    },
    async discard() {
      await file.abort().catch(() => {});
    },
  };
}

/** A browser's error on writing, as a sentence with the way out. */
function browserWriteError(cause: unknown, location: string): WriteFailedError {
  const name = cause instanceof Error ? cause.name : "";
  const why =
    REASONS.get(name) ?? `the browser cannot write there (${reasonOf(cause)}): choose another folder`;
  return new WriteFailedError(`${location} cannot be written: ${why}`, { location }, { cause });
}

/** By the names of `DOMException`s. */
const REASONS: ReadonlyMap<string, string> = new Map([
  ["QuotaExceededError", "the disk is full: free some space, or choose another folder"],
  ["NotAllowedError", "the browser does not let the page write there: allow it when it asks"],
  ["NoModificationAllowedError", "another program or page is writing to it: close that one, and try again"],
  ["NotFoundError", "it no longer exists: choose a folder again"],
]);
