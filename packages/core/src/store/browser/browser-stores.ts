import { type SizedBlob, sizedBlobSource } from "../../bytes/blob-source.js";
import type { ByteSource, ReadOptions } from "../../bytes/source-and-sink.js";
import { NotFoundError, UnreadableError } from "../../errors.js";
import type { AbsolutePath, ListOptions, Store, StoreEntry } from "../store.js";
import { compareKeys, isBelow, isListed, joinKey, resolveRange, unsafeReason } from "../store-keys.js";
import { refuseTooLong } from "../value-limit.js";

/**
 * A `Store` over a folder that a page has a handle of (File System API): a dropped one, or one chosen with
 * `showDirectoryPicker`. Handles of folders are cached; files are opened when they are read. Reads throw
 * `UnreadableError` where the browser denies access.
 *
 * @param name used in messages: the folder's name by default
 */
export function folderStore(folder: FileSystemDirectoryHandle, name: string = folder.name): Store {
  const handles = new Map<string, Promise<FileSystemDirectoryHandle | undefined>>();
  const folderAt = (path: readonly string[]): Promise<FileSystemDirectoryHandle | undefined> => {
    const last = path.at(-1);
    if (last === undefined) return Promise.resolve(folder);
    const key = path.join("/");
    const found =
      handles.get(key) ??
      folderAt(path.slice(0, -1)).then((parent) =>
        unlessMissing(async () => parent?.getDirectoryHandle(last), `${name}/${key}`),
      );
    handles.set(key, found);
    // By the next read, the user may have granted access.
    found.catch(() => handles.delete(key));
    return found;
  };
  return fileStore({
    name,
    async find(key) {
      const path = pathOf(key);
      const file = path?.pop();
      if (path === undefined || file === undefined) return undefined;
      const parent = await folderAt(path);
      return unlessMissing(async () => {
        const blob = await (await parent?.getFileHandle(file))?.getFile();
        return blob && { blob, size: blob.size };
      }, `${name}${key}`);
    },
    list: (options) => listFolder(folder, "/", { name, ...options }),
  });
}

/** The segments of a key; undefined for keys that no file has. */
function pathOf(key: AbsolutePath): string[] | undefined {
  return key.startsWith("/") && unsafeReason(key) === undefined ? key.slice(1).split("/") : undefined;
}

async function* listFolder(
  folder: FileSystemDirectoryHandle,
  node: AbsolutePath,
  options: ListOptions & { readonly name: string },
): AsyncGenerator<StoreEntry> {
  const { name, prefix = "/", names, signal } = options;
  for (const handle of await sortedHandles(folder, `${name}${node}`, options)) {
    signal?.throwIfAborted();
    const key = joinKey(node, handle.name);
    if (handle.kind === "directory") {
      const mayHold = key === prefix || isBelow(key, prefix) || isBelow(prefix, key);
      if (mayHold) yield* listFolder(handle as FileSystemDirectoryHandle, key, options);
    } else if (isBelow(key, prefix) && (names === undefined || names.includes(handle.name))) {
      const file = await unlessMissing(() => (handle as FileSystemFileHandle).getFile(), `${name}${key}`);
      if (file !== undefined) yield { key, size: file.size };
    }
  }
}

async function sortedHandles(
  folder: FileSystemDirectoryHandle,
  location: string,
  { signal }: ReadOptions,
): Promise<FileSystemHandle[]> {
  const handles: FileSystemHandle[] = [];
  try {
    for await (const handle of folder.values()) {
      signal?.throwIfAborted();
      handles.push(handle);
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw readFailure(error, location);
  }
  return handles.sort((a, b) => compareKeys(a.name, b.name));
}

async function unlessMissing<T>(
  work: () => Promise<T | undefined>,
  location: string,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    // Also a folder in place of a file, and a name that the system does not allow.
    if (hasName(error, "NotFoundError", "TypeMismatchError") || error instanceof TypeError) return undefined;
    throw readFailure(error, location);
  }
}

function readFailure(cause: unknown, location: string): NotFoundError | UnreadableError {
  if (hasName(cause, "NotFoundError")) {
    const message = `${location} no longer exists: choose the folder again`;
    return new NotFoundError(message, { location }, { cause });
  }
  const message = `${location} cannot be read: the browser denies the page access; choose the folder again, and allow it`;
  return new UnreadableError(message, { location }, { cause });
}

function hasName(error: unknown, ...names: string[]): boolean {
  return error instanceof Error && names.includes(error.name);
}

/**
 * A `Store` over files that were chosen one by one or with their folder (`<input webkitdirectory>`).
 *
 * @param files by their paths below the folder, as in `0/zarr.json`
 * @param name the folder's name, used in messages
 */
export function filesStore(files: ReadonlyMap<string, File>, name: string): Store {
  const byKey = new Map<string, File>();
  for (const [path, file] of files) byKey.set(`/${path}`, file);
  const keys = ([...byKey.keys()] as AbsolutePath[]).sort(compareKeys);
  const sizes = new Map<AbsolutePath, number>();
  const sizeOf = (key: AbsolutePath): number => {
    const size = sizes.get(key) ?? byKey.get(key)?.size ?? 0;
    sizes.set(key, size);
    return size;
  };
  return fileStore({
    name,
    async find(key) {
      const blob = byKey.get(key);
      return blob && { blob, size: sizeOf(key) };
    },
    async *list(options) {
      for (const key of keys) {
        options?.signal?.throwIfAborted();
        if (isListed(key, options)) yield { key, size: sizeOf(key) };
      }
    },
  });
}

/** How {@link fileStore} finds files. */
interface FileFinder {
  /** The folder's name, used in messages. */
  readonly name: string;
  /** The file of a key; undefined where there is none. */
  find(key: AbsolutePath, options?: ReadOptions): Promise<SizedBlob | undefined>;
  list: Store["list"];
}

/** A `Store` over files that a page may read. Only the requested part of a file is read, and nothing is cached. */
function fileStore({ name, find, list }: FileFinder): Store {
  const open = async (key: AbsolutePath, options?: ReadOptions): Promise<ByteSource | undefined> => {
    options?.signal?.throwIfAborted();
    const file = await find(key, options);
    return file && sizedBlobSource(file, `${name}${key}`);
  };
  return {
    name,
    format: "directory",
    findings: [],
    async get(key, options) {
      const source = await open(key, options);
      if (source !== undefined) refuseTooLong(name, key, source.size, options);
      return source?.read(0, source.size, options);
    },
    async getRange(key, range, options) {
      const source = await open(key, options);
      if (source === undefined) return undefined;
      const { offset, length } = resolveRange(range, source.size);
      return source.read(offset, length, options);
    },
    async stream(key, options) {
      const source = await open(key, options);
      return source && streamSource(source, options);
    },
    list,
    async close() {},
  };
}

/** How many bytes a stream reads at a time. */
const BLOCK = 256 * 1024;

function streamSource(source: ByteSource, options?: ReadOptions): ReadableStream<Uint8Array> {
  let position = 0;
  return new ReadableStream(
    {
      async pull(controller) {
        const length = Math.min(BLOCK, source.size - position);
        if (length === 0) return controller.close();
        controller.enqueue(await source.read(position, length, options));
        position += length;
      },
    },
    { highWaterMark: 0 },
  );
}
