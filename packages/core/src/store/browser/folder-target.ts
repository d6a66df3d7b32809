import { browserWriteFailure } from "../../bytes/browser/file-handle-sink.js";
import { DestinationExistsError, isOzxError } from "../../errors.js";
import { readEntry, streamEntry } from "../entry-bytes.js";
import { keyName, parentKey } from "../keys.js";
import { readAhead } from "../read-ahead.js";
import { checkKeysDistinct, checkKeysSafe } from "../safe-keys.js";
import type { AbsolutePath } from "../store.js";
import type { EntryInput, MadeEntry, Progress, StoreTarget, WriteJob, WriteOptions } from "../target.js";

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
          : browserWriteFailure(error, location);
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
      : browserWriteFailure(error, location);
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
  for await (const { key, bytes } of job.made?.make(options) ?? noEntries()) {
    checkKeysSafe([key], job.source.name);
    await writeBlocks(key, bytes instanceof Uint8Array ? [bytes] : bytes);
  }
}

async function* noEntries(): AsyncGenerator<MadeEntry> {}

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
