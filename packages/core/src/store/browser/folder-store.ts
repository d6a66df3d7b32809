import type { ReadOptions } from "../../bytes/byte-source.js";
import { NotFoundError, UnreadableError } from "../../errors.js";
import { compareKeys, isBelow, joinKey } from "../keys.js";
import { unsafeReason } from "../safe-keys.js";
import type { AbsolutePath, ListOptions, Store, StoreEntry } from "../store.js";
import { fileStore } from "./file-store.js";

/**
 * A `Store` over a folder that a browser gave a page a handle of (File System API): dropped, or chosen with
 * `showDirectoryPicker`. Folders that have been looked at are remembered, files are opened when they are read.
 */
export function folderStore(folder: FileSystemDirectoryHandle, name: string = folder.name): Store {
  const known = new Map<string, Promise<FileSystemDirectoryHandle | undefined>>();
  const folderAt = (path: readonly string[]): Promise<FileSystemDirectoryHandle | undefined> => {
    const last = path.at(-1);
    if (last === undefined) return Promise.resolve(folder);
    const key = path.join("/");
    const found =
      known.get(key) ??
      folderAt(path.slice(0, -1)).then((parent) =>
        unlessMissing(async () => parent?.getDirectoryHandle(last), `${name}/${key}`),
      );
    known.set(key, found);
    // Who asks again may have allowed it meanwhile.
    found.catch(() => known.delete(key));
    return found;
  };
  return fileStore({
    name,
    async find(key) {
      const path = pathOf(key);
      const file = path?.pop();
      if (path === undefined || file === undefined) return undefined;
      const parent = await folderAt(path);
      return unlessMissing(async () => (await parent?.getFileHandle(file))?.getFile(), `${name}${key}`);
    },
    list: (options) => listFolder(folder, "/", { name, ...options }),
  });
}

/** The segments of a key; undefined for keys that no listing yields. */
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
  place: string,
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
    throw readFailure(error, place);
  }
  return handles.sort((a, b) => compareKeys(a.name, b.name));
}

async function unlessMissing<T>(work: () => Promise<T | undefined>, place: string): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    // A folder where a file is asked for; a name that the system does not take.
    if (hasName(error, "NotFoundError", "TypeMismatchError") || error instanceof TypeError) return undefined;
    throw readFailure(error, place);
  }
}

function readFailure(cause: unknown, location: string): NotFoundError | UnreadableError {
  if (hasName(cause, "NotFoundError")) {
    const message = `${location} is not there any more: choose the folder again`;
    return new NotFoundError(message, { location }, { cause });
  }
  const message = `${location} cannot be read: the browser does not let the page; choose the folder again, and allow it`;
  return new UnreadableError(message, { location }, { cause });
}

function hasName(error: unknown, ...names: string[]): boolean {
  return error instanceof Error && names.includes(error.name);
}
