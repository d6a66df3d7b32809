import { type ByteSource, type ReadOptions, SourceChangedError } from "@ozx/core";
import type { ListFilesOptions, SourceFolder } from "@ozx/core/container";
import { createCache } from "./cache.js";
import { createSourcePool } from "./pooled-source.js";
import { openTiffFile, type TiffFile } from "./tiff-file.js";

/** The files of an image that is in several, each opened once, when it is needed. */
export interface FileSet {
  /** The file that was opened first. */
  readonly first: TiffFile;
  /** Its name without the folder; undefined where it is not known. */
  readonly firstName: string | undefined;
  /** Opens another TIFF by its path in the folder; undefined where there is none, or the folder is not known. */
  tiff(path: string, options?: ReadOptions): Promise<TiffFile | undefined>;
  /** Opens any other file. The caller closes it. */
  source(path: string, options?: ReadOptions): Promise<ByteSource | undefined>;
  /** The paths of all files in the folder; undefined where they cannot be listed. */
  list(options?: ListFilesOptions): Promise<readonly string[] | undefined>;
  /** Closes all files but the first. */
  closeOthers(): Promise<void>;
  /** Closes all files. */
  close(): Promise<void>;
}

/** Files that stay open besides the first: systems allow a program some hundred. */
const OPEN_FILES = 128;
/** Files whose headers stay in memory. */
const KNOWN_FILES = 512;

/** @param folder where the other files are: that of the first one, if it is known */
export function createFileSet(
  first: TiffFile,
  folder: SourceFolder | undefined = first.source.folder,
): FileSet {
  const firstName = first.name
    .split(/[\\/]/)
    .at(-1)
    ?.replace(/[?#].*$/s, "");
  const reopen = async (path: string, { name, size }: ByteSource): Promise<ByteSource> => {
    const again = await folder?.open(path);
    if (again?.size === size) return again;
    await again?.close();
    throw new SourceChangedError(`${name} was changed or removed while it was being read: open it again`, {
      location: name,
    });
  };
  const pool = createSourcePool(OPEN_FILES);
  const opened = createCache<string, Promise<TiffFile | undefined>>(KNOWN_FILES);
  const open = async (path: string, options?: ReadOptions): Promise<TiffFile | undefined> => {
    const found = await folder?.open(path, options);
    if (found === undefined) return undefined;
    return openTiffFile(
      pool.add(found, () => reopen(path, found)),
      { ...options, isOneOfMany: true },
    );
  };
  return {
    first,
    firstName,
    tiff(path, options) {
      const known = opened.get(path);
      if (known !== undefined) return known;
      const opening = open(path, options);
      opened.set(path, opening);
      // What fails, as a request may, is tried again by the next read.
      opening.catch(() => opened.delete(path));
      return opening;
    },
    source: async (path, options) => folder?.open(path, options),
    list: async (options) => folder?.list?.(options),
    closeOthers: () => pool.close(),
    async close() {
      await Promise.all([first.close(), pool.close()]);
    },
  };
}
