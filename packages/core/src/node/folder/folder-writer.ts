import { UsageError } from "../../errors.js";
import type { AbsolutePath } from "../../store/store.js";
import { checkKeysSafe, distinctKeys } from "../../store/store-keys.js";
import type { EntryWriter, GeneratedEntry } from "../../store/target.js";
import { writeFailure } from "../system/failures.js";
import { syncFolder } from "../system/sync-folder.js";
import { type NewFiles, newFilesIn } from "./new-files.js";
import type { NewFolder } from "./new-folder.js";

/**
 * Writes entry after entry into a new folder, each into a file of its own, so that calls may overlap.
 *
 * @param path the place that the folder is for
 * @param written keys of files that are in the folder already
 * @param replace whether other files may be there, of an earlier run that was cut short
 */
export function folderWriter(
  path: string,
  folder: NewFolder,
  written: readonly AbsolutePath[] = [],
  replace = false,
): EntryWriter {
  const files = newFilesIn(folder.path, replace);
  const added: AbsolutePath[] = [];
  const adding = new Set<Promise<void>>();
  let admit: ((key: AbsolutePath) => void) | undefined;
  let failure: { readonly error: unknown } | undefined;
  const write = async ({ key, bytes }: GeneratedEntry, signal: AbortSignal | undefined): Promise<void> => {
    signal?.throwIfAborted();
    // Only now: for those that were written all at once, this was asked before.
    admit ??= gate(path, written);
    admit(key);
    added.push(key);
    try {
      if (bytes instanceof Uint8Array) files.writeSync(key, bytes);
      else await writeBlocks(files, key, bytes, signal);
    } catch (error) {
      throw writeFailure(error, path);
    }
  };
  return {
    name: path,
    async add(entry, options) {
      if (failure !== undefined) throw failure.error;
      const done = write(entry, options?.signal);
      adding.add(done);
      try {
        await done;
      } catch (error) {
        failure ??= { error };
        throw error;
      } finally {
        adding.delete(done);
      }
    },
    async commit(options) {
      await Promise.all(adding);
      if (failure !== undefined) throw failure.error;
      await syncFolder(folder.path, [...written, ...added], options?.signal).catch((error: unknown) => {
        throw writeFailure(error, path);
      });
      options?.signal?.throwIfAborted();
      await folder.moveIn();
    },
    async discard() {
      // What is added later would make the folder anew.
      failure ??= { error: new UsageError(`${path} was discarded: nothing can be added to it any more`) };
      await Promise.allSettled(adding);
      await folder.remove();
    },
  };
}

/** Throws for keys that cannot be among those before. */
function gate(path: string, written: readonly AbsolutePath[]): (key: AbsolutePath) => void {
  const refuseClash = distinctKeys(path);
  const keys = new Set(written);
  written.forEach(refuseClash);
  return (key) => {
    if (keys.has(key)) throw new RangeError(`${key} is to be written twice`);
    checkKeysSafe([key], path);
    refuseClash(key);
    keys.add(key);
  };
}

async function writeBlocks(
  files: NewFiles,
  key: AbsolutePath,
  blocks: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const file = await files.open(key);
  try {
    // Not behind the reading: a block is valid until the next one is asked for.
    for await (const block of blocks) {
      signal?.throwIfAborted();
      await file.writeFile(block);
    }
  } finally {
    await file.close();
  }
}
