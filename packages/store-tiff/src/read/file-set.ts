import type { ByteSource, ReadOptions } from "@ozx/core";
import type { ListFilesOptions, SourceFolder } from "@ozx/core/container";
import { createCache, createFolderFiles } from "@ozx/virtual";
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
  /** The versions of the files that were opened so far, by their paths in the folder; undefined where one has none. */
  versions(): ReadonlyMap<string, string> | undefined;
  /**
   * Checks that no file that was opened has changed since.
   *
   * @throws SourceChangedError
   */
  checkUnchanged(options?: ReadOptions): Promise<void>;
  /** Closes all files but the first. */
  closeOthers(): Promise<void>;
  /** Closes all files. */
  close(): Promise<void>;
}

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
  const files = createFolderFiles(first.source, folder);
  const opened = createCache<string, Promise<TiffFile | undefined>>(KNOWN_FILES);
  const open = async (path: string, options?: ReadOptions): Promise<TiffFile | undefined> => {
    const found = await files.open(path, options);
    return found && openTiffFile(found, { ...options, isOneOfMany: true });
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
    versions: files.versions,
    checkUnchanged: files.checkUnchanged,
    closeOthers: files.closeOthers,
    async close() {
      await Promise.all([first.close(), files.closeOthers()]);
    },
  };
}
