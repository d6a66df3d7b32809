import { type ByteSource, type ReadOptions, SourceChangedError } from "@ozx/core";
import type { SourceFolder } from "@ozx/core/container";
import { createSourcePool } from "./source-pool.js";

/** A file that was opened first, and others in a folder, of which some stay open. */
export interface FolderFiles {
  /** Opens another file by its path in the folder; undefined where there is none, or the folder is not known. */
  open(path: string, options?: ReadOptions): Promise<ByteSource | undefined>;
  /** The versions of the files that were opened so far, by their paths; undefined where one has none. */
  versions(): ReadonlyMap<string, string> | undefined;
  /**
   * Checks that no file that was opened has changed since.
   *
   * @throws SourceChangedError
   */
  checkUnchanged(options?: ReadOptions): Promise<void>;
  /** Closes all files but the first. */
  closeOthers(): Promise<void>;
}

/** Files that stay open besides the first: systems allow a program some hundred. */
const OPEN_FILES = 128;

/**
 * The files of an image that is in several, each opened when it is needed.
 *
 * @param folder where the other files are: that of the first one, if it is known
 */
export function createFolderFiles(
  first: ByteSource,
  folder: SourceFolder | undefined = first.folder,
): FolderFiles {
  const versions = new Map<string, string | undefined>();
  const pool = createSourcePool(OPEN_FILES);
  const reopen = async (path: string, { name, size }: ByteSource): Promise<ByteSource> => {
    const again = await folder?.open(path);
    if (again?.size === size && again.descriptor?.().version === versions.get(path)) return again;
    await again?.close();
    throw changed(name);
  };
  return {
    async open(path, options) {
      const found = await folder?.open(path, options);
      if (found === undefined) return undefined;
      versions.set(path, found.descriptor?.().version);
      return pool.add(found, () => reopen(path, found));
    },
    versions() {
      const all = new Map([["", first.descriptor?.().version], ...versions]);
      const known = [...all].flatMap(([path, version]): [string, string][] =>
        version === undefined ? [] : [[path, version]],
      );
      return known.length === all.size ? new Map(known) : undefined;
    },
    async checkUnchanged(options) {
      first.checkUnchanged?.();
      for (const [path, version] of versions) {
        options?.signal?.throwIfAborted();
        if (version === undefined) continue;
        const again = await folder?.open(path, options);
        await again?.close();
        if (again?.descriptor?.().version !== version) throw changed(path);
      }
    },
    closeOthers: () => pool.close(),
  };
}

function changed(name: string): SourceChangedError {
  return new SourceChangedError(`${name} was changed or removed while it was being read: open it again`, {
    location: name,
  });
}
