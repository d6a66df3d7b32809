import { type ByteSource, type ReadOptions, SourceChangedError } from "@ozx/core";
import type { ListFilesOptions, SourceFolder } from "@ozx/core/container";
import { createCache } from "@ozx/virtual";
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
  const versions = new Map<string, string | undefined>();
  const reopen = async (path: string, { name, size }: ByteSource): Promise<ByteSource> => {
    const again = await folder?.open(path);
    if (again?.size === size && again.descriptor?.().version === versions.get(path)) return again;
    await again?.close();
    throw changed(name);
  };
  const pool = createSourcePool(OPEN_FILES);
  const opened = createCache<string, Promise<TiffFile | undefined>>(KNOWN_FILES);
  const open = async (path: string, options?: ReadOptions): Promise<TiffFile | undefined> => {
    const found = await folder?.open(path, options);
    if (found === undefined) return undefined;
    versions.set(path, found.descriptor?.().version);
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
    versions() {
      const all = new Map([["", first.source.descriptor?.().version], ...versions]);
      const known = [...all].flatMap(([path, version]): [string, string][] =>
        version === undefined ? [] : [[path, version]],
      );
      return known.length === all.size ? new Map(known) : undefined;
    },
    async checkUnchanged(options) {
      first.source.checkUnchanged?.();
      for (const [path, version] of versions) {
        options?.signal?.throwIfAborted();
        if (version === undefined) continue;
        const again = await folder?.open(path, options);
        await again?.close();
        if (again?.descriptor?.().version !== version) throw changed(path);
      }
    },
    closeOthers: () => pool.close(),
    async close() {
      await Promise.all([first.close(), pool.close()]);
    },
  };
}

function changed(name: string): SourceChangedError {
  return new SourceChangedError(`${name} was changed or removed while it was being read: open it again`, {
    location: name,
  });
}
