import type { ByteSource, ReadOptions } from "@ozx/core";
import type { SourceFolder } from "@ozx/core/container";
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
  list(options?: ReadOptions): Promise<readonly string[] | undefined>;
  /** Closes all files but the first. */
  closeOthers(): Promise<void>;
  /** Closes all files. */
  close(): Promise<void>;
}

/** @param folder where the other files are: that of the first one, if it is known */
export function createFileSet(
  first: TiffFile,
  folder: SourceFolder | undefined = first.source.folder,
): FileSet {
  const firstName = first.name
    .split(/[\\/]/)
    .at(-1)
    ?.replace(/[?#].*$/s, "");
  const opened = new Map<string, Promise<TiffFile | undefined>>();
  const open = async (path: string, options?: ReadOptions): Promise<TiffFile | undefined> => {
    const source = await folder?.open(path, options);
    if (source === undefined) return undefined;
    try {
      return await openTiffFile(source, options);
    } catch (error) {
      await source.close();
      throw error;
    }
  };
  const closeOthers = async (): Promise<void> => {
    const others = await Promise.allSettled(opened.values());
    const files = others.flatMap((other) => (other.status === "fulfilled" ? (other.value ?? []) : []));
    await Promise.all(files.map((file) => file.close()));
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
    closeOthers,
    async close() {
      await Promise.all([first.close(), closeOthers()]);
    },
  };
}
