import { NotFoundError, type ReadOptions } from "@ozx/core";
import { blobSource, checkWithinFolder, type SourceFolder } from "@ozx/core/container";
import { isImageFile } from "./image-files.js";
import type { FolderContent } from "./source-input.js";

/** As deep as TIFFs of one acquisition lie: a folder for each position. */
const DEPTH = 2;

/** The folder as the files of an image; undefined where it is a node of Zarr, or has none. */
export async function imageFolder(
  content: FolderContent,
  name: string,
  options?: ReadOptions,
): Promise<SourceFolder | undefined> {
  const folder =
    content instanceof Map
      ? listedFolder(content, name)
      : handleFolder(content as FileSystemDirectoryHandle, name);
  const own = (await folder.list?.(options)) ?? [];
  // Looked for first, since folders of Zarr have many files.
  if (own.some((path) => /^(?:zarr\.json|\.zgroup|\.zattrs|\.zarray)$/.test(path))) return undefined;
  const paths = own.some(isImageFile) ? own : await folder.list?.({ ...options, depth: DEPTH });
  return paths?.some(isImageFile) ? folder : undefined;
}

/** Files that were chosen or dropped, by their paths. */
function listedFolder(files: ReadonlyMap<string, File>, name: string): SourceFolder {
  const folder: SourceFolder = {
    name,
    async open(path) {
      checkWithinFolder(path, name);
      const file = files.get(path);
      return file && { ...blobSource(file, `${name}/${path}`), folder };
    },
    list: async ({ depth = 1 } = {}) =>
      [...files.keys()].filter((path) => path.split("/").length <= depth).sort(),
  };
  return folder;
}

/** A folder of which the page has a handle. */
function handleFolder(handle: FileSystemDirectoryHandle, name: string): SourceFolder {
  const folder: SourceFolder = {
    name,
    async open(path) {
      checkWithinFolder(path, name);
      const parts = path.split("/");
      const last = parts.pop() ?? "";
      try {
        let parent = handle;
        for (const part of parts) parent = await parent.getDirectoryHandle(part);
        const file = await (await parent.getFileHandle(last)).getFile();
        return { ...blobSource(file, `${name}/${path}`), folder };
      } catch (error) {
        if (error instanceof DOMException && ["NotFoundError", "TypeMismatchError"].includes(error.name))
          return undefined;
        throw error;
      }
    },
    async list({ depth = 1, signal } = {}) {
      const paths: string[] = [];
      await listHandle(handle, "", { depth, signal }, paths);
      return paths.sort();
    },
  };
  return folder;
}

/** Adds the paths of files, with `prefix` before each. */
async function listHandle(
  folder: FileSystemDirectoryHandle,
  prefix: string,
  { depth, signal }: { readonly depth: number; readonly signal?: AbortSignal | undefined },
  paths: string[],
): Promise<void> {
  for await (const entry of folder.values()) {
    signal?.throwIfAborted();
    const path = prefix + entry.name;
    if (entry.kind === "file") paths.push(path);
    else if (depth > 1) {
      await listHandle(entry as FileSystemDirectoryHandle, `${path}/`, { depth: depth - 1, signal }, paths);
    }
  }
}

/** The error for a folder whose files were removed while it was opened. */
export function noImage(name: string): NotFoundError {
  return new NotFoundError(`${name} has no image any more: choose it again`, { location: name });
}
