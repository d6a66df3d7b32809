import { readFileSync, statSync } from "node:fs";
import { type FileHandle, open, readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { newBuffer, type ReadOptions } from "../../bytes/source-and-sink.js";
import { UnreadableError } from "../../errors.js";
import type { Store } from "../../store/store.js";
import type { StoreOptions } from "../../store/store-format.js";
import { resolveRange } from "../../store/store-keys.js";
import { refuseTooLong } from "../../store/value-limit.js";
import { LARGEST_CALL } from "../system/open-file.js";
import { isMissing, readFailure } from "../system/system-errors.js";
import { fillSync, openReader, readPartSync } from "./blocking-files.js";
import { baseOf, filesOf, fingerprintFiles, listedFiles, listFolder, pathOf } from "./list-folder.js";

/** Bytes that a stream reads at once if its reader provides no buffer. */
const BLOCK = 1024 * 1024;

/**
 * Opens a folder as a store: each file is a key. Symbolic links are followed, as other Zarr tools do; a link to a folder
 * above itself is an error.
 *
 * @param options `blocking` as in `StoreOptions`
 * @throws NotFoundError when there is no such folder
 * @throws UnreadableError when it is a file
 */
export function openDirectoryStore(
  folder: string,
  { blocking = false }: Pick<StoreOptions, "blocking"> = {},
): Store {
  let isFolder: boolean;
  try {
    isFolder = statSync(folder).isDirectory();
  } catch (error) {
    throw readFailure(error, folder);
  }
  if (!isFolder) throw new UnreadableError(`${folder} is a file, not a folder`, { location: folder });

  const base = baseOf(folder);
  const location = resolve(folder);
  const listed = listedFiles(base, folder);
  return {
    name: folder,
    format: "directory",
    findings: [],
    async get(key, options) {
      const path = pathOf(base, key);
      if (path === undefined) return undefined;
      return unlessMissing(path, async () => {
        // In the thread pool, this would cost as much as reading a small file.
        if (options?.atMost !== undefined) refuseTooLong(folder, key, statSync(path).size, options);
        const reading = blocking
          ? readNow(path)
          : readFile(path, { signal: options?.signal ?? undefined }).catch(undefinedIfTooLarge);
        // Node throws an error of its own instead of the signal's reason.
        const bytes = await reading.finally(() => options?.signal?.throwIfAborted());
        if (bytes === undefined) {
          return withFile(path, async (file) =>
            readPart(file, path, { offset: 0, length: (await file.stat()).size }, options),
          );
        }
        // An empty file comes in a larger buffer; what is returned may be transferred to another thread.
        return bytes.length === bytes.buffer.byteLength
          ? new Uint8Array(bytes.buffer)
          : new Uint8Array(bytes);
      });
    },
    async getRange(key, range, options) {
      options?.signal?.throwIfAborted();
      const path = pathOf(base, key);
      if (path === undefined) return undefined;
      if (blocking) return unlessMissing(path, async () => readPartSync(path, range));
      return unlessMissing(path, () =>
        withFile(path, async (file) =>
          readPart(file, path, resolveRange(range, (await file.stat()).size), options),
        ),
      );
    },
    async stream(key, options) {
      options?.signal?.throwIfAborted();
      const path = pathOf(base, key);
      if (path === undefined) return undefined;
      return unlessMissing(path, async () => fileStream(await openRegular(path), path, options));
    },
    list: (options) => listFolder(base, options, listed.record),
    readSync(key, target) {
      const path = pathOf(base, key);
      if (path === undefined) return 0;
      try {
        return fillSync(path, target);
      } catch (error) {
        if (isMissing(error)) return 0;
        throw readFailure(error, path);
      }
    },
    openSync(key) {
      const path = pathOf(base, key);
      return path === undefined ? undefined : openReader(path);
    },
    locate(key, range) {
      const path = pathOf(location, key);
      if (path === undefined) return undefined;
      return { path, offset: range?.offset ?? 0, length: range?.length, blocking };
    },
    checkUnchanged: listed.check,
    fingerprint: (keys, options) => fingerprintFiles(base, filesOf(base, keys), options),
    // Absolute, since the working folder may change until it is opened again.
    descriptor: () => ({ format: "directory", location }),
    async close() {},
  };
}

async function withFile<T>(path: string, work: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await openRegular(path);
  try {
    return await work(file);
  } finally {
    await file.close();
  }
}

/** Reads part of a file; less where the file ends earlier. */
async function readPart(
  file: FileHandle,
  path: string,
  { offset, length }: { readonly offset: number; readonly length: number },
  options?: ReadOptions,
): Promise<Uint8Array> {
  const target = newBuffer(length, path);
  let done = 0;
  while (done < length) {
    const part = Math.min(length - done, LARGEST_CALL);
    const { bytesRead } = await file.read(target, done, part, offset + done);
    options?.signal?.throwIfAborted();
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return target.subarray(0, done);
}

/** A file, read by blocking calls. */
async function readNow(path: string): Promise<Uint8Array | undefined> {
  try {
    return readFileSync(path);
  } catch (error) {
    return undefinedIfTooLarge(error);
  }
}

/** `readFile` rejects files of 2 GiB or more. */
function undefinedIfTooLarge(error: unknown): undefined {
  if (error instanceof RangeError && "code" in error && error.code === "ERR_FS_FILE_TOO_LARGE")
    return undefined;
  throw error;
}

/** Opens a file. A folder is not a key, but on Linux it can be opened, and only reading it would fail. */
async function openRegular(path: string): Promise<FileHandle> {
  const file = await open(path, "r");
  if (!(await file.stat()).isDirectory()) return file;
  await file.close();
  throw Object.assign(new Error("is a folder"), { code: "EISDIR", syscall: "open" });
}

async function unlessMissing<T>(path: string, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw readFailure(error, path);
  }
}

/** A byte stream, which fills the buffer of a BYOB reader without allocating any. */
function fileStream(file: FileHandle, path: string, options?: ReadOptions): ReadableStream<Uint8Array> {
  return new ReadableStream({
    type: "bytes",
    autoAllocateChunkSize: BLOCK,
    async pull(controller) {
      const request = controller.byobRequest;
      const view = request?.view;
      if (!request || !view) return;
      try {
        options?.signal?.throwIfAborted();
        const target = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
        const { bytesRead } = await file.read(target, 0, Math.min(target.length, LARGEST_CALL), null);
        if (bytesRead === 0) {
          await file.close();
          controller.close();
        }
        request.respond(bytesRead);
      } catch (error) {
        await file.close();
        throw readFailure(error, path);
      }
    },
    cancel: () => file.close(),
  });
}
