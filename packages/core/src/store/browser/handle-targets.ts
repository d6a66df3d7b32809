import { readAhead } from "../../bytes/concurrency.js";
import type { ByteSink } from "../../bytes/source-and-sink.js";
import { DestinationExistsError, isOzxError, WriteFailedError } from "../../errors.js";
import { readEntry, streamEntry } from "../entry-bytes.js";
import type { AbsolutePath } from "../store.js";
import { checkKeysDistinct, checkKeysSafe, keyName, parentKey } from "../store-keys.js";
import type { EntryInput, GeneratedEntry, Progress, StoreTarget, WriteJob, WriteOptions } from "../target.js";

/** Entries up to this size are read whole, some at once; larger ones go block by block, one after the other. */
const WHOLE = 1024 * 1024;
const AT_ONCE = 8;

/**
 * A target that becomes a new folder in one that a browser gave a page a handle of (File System API), one file an
 * entry. When anything fails, or it is aborted, the new folder is removed again.
 *
 * @throws DestinationExistsError when there is something of that name already, and it is no empty folder
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
  const tell = (more: Progress): void => {
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
        tell({ entries: 0, bytes: block.length });
      }
      await file.close();
    } catch (error) {
      await file.abort().catch(() => {});
      throw error;
    }
    tell({ entries: 1, bytes: 0 });
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
    // After a failure too: a file that is still being written could come back after its folder was removed.
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

/** Makes the folders below one as they are asked for, each once. */
function foldersBelow(
  root: FileSystemDirectoryHandle,
): (path: AbsolutePath) => Promise<FileSystemDirectoryHandle> {
  const known = new Map<AbsolutePath, Promise<FileSystemDirectoryHandle>>([["/", Promise.resolve(root)]]);
  const folderAt = (path: AbsolutePath): Promise<FileSystemDirectoryHandle> => {
    const made =
      known.get(path) ??
      folderAt(parentKey(path)).then((parent) => parent.getDirectoryHandle(keyName(path), { create: true }));
    known.set(path, made);
    return made;
  };
  return folderAt;
}

/**
 * A sink that becomes the file of a handle (File System API): chosen with `showSaveFilePicker`, or in the page's
 * own storage. The browser writes to a file beside it, which replaces the one of the handle on `commit`.
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

/** What a browser says when it cannot write, in a sentence with the way out. */
export function browserWriteError(cause: unknown, location: string): WriteFailedError {
  const name = cause instanceof Error ? cause.name : "";
  const why =
    REASONS.get(name) ?? `the browser cannot write there (${reasonOf(cause)}): choose another place`;
  return new WriteFailedError(`${location} cannot be written: ${why}`, { location }, { cause });
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message || cause.name : String(cause);
}

const REASONS: ReadonlyMap<string, string> = new Map([
  ["QuotaExceededError", "there is no room left: free some, or choose another place"],
  ["NotAllowedError", "the browser does not let the page write there: allow it when it asks"],
  ["NoModificationAllowedError", "another program or page is writing to it: close that one, and try again"],
  ["NotFoundError", "it is not there any more: choose a place again"],
]);
