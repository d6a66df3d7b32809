import { closeSync, type Dirent, openSync, readdirSync, readSync, realpathSync, statSync } from "node:fs";
import { type FileHandle, open, readFile } from "node:fs/promises";
import { join, resolve, sep } from "node:path";
import type { ReadOptions } from "../bytes/byte-source.js";
import { UnreadableError } from "../errors.js";
import { compareKeys, isBelow, joinKey } from "../store/keys.js";
import { createPacer } from "../store/pacer.js";
import { resolveRange } from "../store/range.js";
import { unsafeReason } from "../store/safe-keys.js";
import type { AbsolutePath, BlockingReader, ListOptions, Store, StoreEntry } from "../store/store.js";
import { errorCode, readFailure } from "./failures.js";
import { stampFiles } from "./stamp-files.js";

/** How much a stream reads at once where its reader brings no buffer. */
const BLOCK = 1024 * 1024;

/**
 * Opens a folder as a store: each file is a key. Symbolic links are followed, as by other Zarr tools; one
 * that leads back to a folder above itself is an error.
 *
 * @throws NotFoundError when there is no such folder
 * @throws UnreadableError when it is no folder
 */
export function openDirectoryStore(folder: string): Store {
  let isFolder: boolean;
  try {
    isFolder = statSync(folder).isDirectory();
  } catch (error) {
    throw readFailure(error, folder);
  }
  if (!isFolder) throw new UnreadableError(`${folder} is a file, not a folder`, { location: folder });

  const base = baseOf(folder);
  const location = resolve(folder);
  return {
    name: folder,
    format: "directory",
    findings: [],
    async get(key, options) {
      const path = pathOf(base, key);
      if (path === undefined) return undefined;
      return unlessMissing(path, async () => {
        const bytes = await readFile(path, { signal: options?.signal ?? undefined });
        // An empty file comes in a larger buffer; what is returned may be transferred to another thread.
        return bytes.length === bytes.buffer.byteLength
          ? new Uint8Array(bytes.buffer)
          : new Uint8Array(bytes);
      });
    },
    async getRange(key, range, options) {
      options?.signal?.throwIfAborted();
      return withFile(base, key, async (file) => {
        const { offset, length } = resolveRange(range, (await file.stat()).size);
        const target = new Uint8Array(length);
        let done = 0;
        while (done < length) {
          const { bytesRead } = await file.read(target, done, length - done, offset + done);
          options?.signal?.throwIfAborted();
          if (bytesRead === 0) break;
          done += bytesRead;
        }
        return target.subarray(0, done);
      });
    },
    async stream(key, options) {
      options?.signal?.throwIfAborted();
      const path = pathOf(base, key);
      if (path === undefined) return undefined;
      return unlessMissing(path, async () => fileStream(await openRegular(path), path, options));
    },
    list: (options) => listFolder(base, options),
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
    stamp: (keys, options) => stampFiles(base, filesOf(base, keys), options),
    // Whoever opens it again may work in another folder.
    descriptor: () => ({ format: "directory", location }),
    async close() {},
  };
}

/** Where a key's file is; undefined for keys that no listing yields, such as those that would leave the folder. */
function pathOf(folder: string, key: AbsolutePath): string | undefined {
  return key.startsWith("/") && unsafeReason(key) === undefined ? pathIn(folder, key) : undefined;
}

/** `join` for a key of plain names and a folder as `baseOf` has it: asked for each file, `join` is a tenth of reading. */
function pathIn(folder: string, key: AbsolutePath): string {
  return sep === "/" ? `${folder}${key}` : join(folder, key);
}

function baseOf(folder: string): string {
  const base = join(folder);
  return base.endsWith(sep) && sep === "/" ? base.slice(0, -1) : base;
}

function* filesOf(folder: string, keys: Iterable<AbsolutePath>): Generator<string> {
  for (const key of keys) {
    const path = pathOf(folder, key);
    if (path !== undefined) yield path;
  }
}

async function withFile<T>(
  folder: string,
  key: AbsolutePath,
  work: (file: FileHandle) => Promise<T>,
): Promise<T | undefined> {
  const path = pathOf(folder, key);
  if (path === undefined) return undefined;
  return unlessMissing(path, async () => {
    const file = await openRegular(path);
    try {
      return await work(file);
    } finally {
      await file.close();
    }
  });
}

/** Opens a file; a folder is no key, and on Linux only the first read of one would fail. */
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

function isMissing(error: unknown): boolean {
  const code = errorCode(error);
  return code === "ENOENT" || code === "ENOTDIR" || code === "EISDIR" || code === "ENAMETOOLONG";
}

/** A byte stream: a reader that brings its own buffer (BYOB) gets it filled, without an allocation a block. */
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
        const { bytesRead } = await file.read(target, 0, target.length, null);
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

function fillSync(path: string, target: Uint8Array): number {
  const file = openSync(path, "r");
  try {
    return readFully(file, target);
  } finally {
    closeSync(file);
  }
}

function openReader(path: string): BlockingReader | undefined {
  try {
    const file = openSync(path, "r");
    return { read: (target) => reading(path, () => readFully(file, target)), close: () => closeSync(file) };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw readFailure(error, path);
  }
}

function reading<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw readFailure(error, path);
  }
}

/** Reads on from where the file is until `target` is full or the file ends. */
function readFully(file: number, target: Uint8Array): number {
  let done = 0;
  while (done < target.length) {
    const bytesRead = readSync(file, target, done, target.length - done, null);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return done;
}

async function* listFolder(folder: string, options: ListOptions = {}): AsyncGenerator<StoreEntry> {
  const pause = createPacer();
  for (const entry of entriesBelow(folder, "/", options)) {
    options.signal?.throwIfAborted();
    if (entry !== undefined) yield entry;
    const rest = pause();
    if (rest !== undefined) await rest;
  }
}

/** The entries below a node, and undefined after each folder, where many may pass without an entry. */
function* entriesBelow(
  folder: string,
  node: AbsolutePath,
  options: ListOptions,
): Generator<StoreEntry | undefined> {
  for (const entry of sortedEntries(pathIn(folder, node))) {
    const key = joinKey(node, entry.name);
    const path = pathIn(folder, key);
    const kind = kindOf(entry, path);
    if (kind === "folder") {
      if (mayHold(key, options.prefix)) yield* entriesBelow(folder, key, options);
    } else if (isListedFile(key, entry.name, options)) {
      if (kind === "other") throw notRegular(path);
      yield { key, size: sizeOf(path) };
    }
  }
  yield undefined;
}

function isListedFile(key: AbsolutePath, name: string, { prefix = "/", names }: ListOptions): boolean {
  return isBelow(key, prefix) && (names === undefined || names.includes(name));
}

/** Whether keys below `prefix` can lie below the folder `node`. */
function mayHold(node: AbsolutePath, prefix: AbsolutePath = "/"): boolean {
  return node === prefix || isBelow(node, prefix) || isBelow(prefix, node);
}

function sortedEntries(path: string): Dirent[] {
  try {
    const entries = readdirSync(path, { withFileTypes: true });
    return entries.sort((a, b) => compareKeys(a.name, b.name));
  } catch (error) {
    throw readFailure(error, path);
  }
}

function kindOf(entry: Dirent, path: string): "file" | "folder" | "other" {
  if (entry.isFile()) return "file";
  if (entry.isDirectory()) return "folder";
  if (!entry.isSymbolicLink()) return "other";
  try {
    const target = statSync(path);
    if (!target.isDirectory()) return target.isFile() ? "file" : "other";
    if (isWithin(realpathSync(join(path, "..")), realpathSync(path))) {
      throw new UnreadableError(
        `${path} is a symbolic link to a folder above itself: remove it, or replace it by what it should be`,
        { location: path },
      );
    }
    return "folder";
  } catch (error) {
    throw readFailure(error, path);
  }
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch (error) {
    throw readFailure(error, path);
  }
}

function notRegular(path: string): UnreadableError {
  return new UnreadableError(`${path} is neither a file nor a folder: remove it from the image`, {
    location: path,
  });
}
