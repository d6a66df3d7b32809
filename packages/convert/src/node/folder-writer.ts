import { closeSync, existsSync, mkdirSync, openSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type AbsolutePath, UsageError, WriteFailedError } from "@ozx/core";
import {
  canReadSync,
  checkKeysSafe,
  createThrottle,
  type EntryInput,
  type EntryWriter,
  type GeneratedEntry,
  readAhead,
  readEntry,
  readEntrySync,
  streamEntry,
  type WriteJob,
  type WriteOptions,
  writeBehind,
} from "@ozx/core/container";
import { distinctKeys } from "@ozx/core/internal";
import { writeAllSync, writeFailure } from "@ozx/core/internal/node";
import type { StagedFolder } from "./staged-folder.js";
import { syncFolder } from "./staging.js";

/**
 * Writes entry after entry into a new folder, each into a file of its own, so that calls may overlap.
 *
 * @param path the place that the folder is for
 * @param written keys of files that are in the folder already
 * @param replace whether other files may be there, of an earlier run that was cut short
 */
export function folderWriter(
  path: string,
  folder: StagedFolder,
  written: readonly AbsolutePath[] = [],
  replace = false,
): EntryWriter {
  const files = createFilesIn(folder.path, replace);
  const added: AbsolutePath[] = [];
  const adding = new Set<Promise<void>>();
  let admit: ((key: AbsolutePath) => void) | undefined;
  let failure: { readonly error: unknown } | undefined;
  const write = async ({ key, bytes }: GeneratedEntry, signal: AbortSignal | undefined): Promise<void> => {
    signal?.throwIfAborted();
    // Only now: for those that were written all at once, this was asked before.
    admit ??= createKeyGate(path, written);
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
      await folder.publish();
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
function createKeyGate(path: string, written: readonly AbsolutePath[]): (key: AbsolutePath) => void {
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
  files: FolderFiles,
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

/** Entries up to this size are read whole; larger ones go block by block. */
export const READ_WHOLE_UP_TO = 1024 * 1024;
/** Whole entries that are read at once where reads do not block. */
const READS_AT_ONCE = 16;

/** Writes each entry into a file of its own. */
export async function writeFiles(
  { source, entries }: Pick<WriteJob, "source" | "entries">,
  files: FolderFiles,
  options: WriteOptions = {},
): Promise<void> {
  const done = { entries: 0, bytes: 0 };
  const finish = (entry: EntryInput): void => {
    done.entries++;
    done.bytes += entry.size;
    options.onProgress?.({ ...done });
  };
  const small = entries.filter(({ size }) => size <= READ_WHOLE_UP_TO);
  if (canReadSync(source)) {
    const pause = createThrottle();
    const buffer = new Uint8Array(READ_WHOLE_UP_TO + 1);
    for (const entry of small) {
      options.signal?.throwIfAborted();
      readEntrySync(source, entry, buffer);
      files.writeSync(entry.key, buffer.subarray(0, entry.size));
      finish(entry);
      const rest = pause();
      if (rest !== undefined) await rest;
    }
  } else {
    const read = async (entry: EntryInput): Promise<[EntryInput, Uint8Array]> => [
      entry,
      await readEntry(source, entry, options),
    ];
    for await (const [entry, bytes] of readAhead(small, READS_AT_ONCE, read)) {
      options.signal?.throwIfAborted();
      files.writeSync(entry.key, bytes);
      finish(entry);
    }
  }
  for (const entry of entries.filter(({ size }) => size > READ_WHOLE_UP_TO)) {
    const file = await files.open(entry.key);
    try {
      await writeBehind(streamEntry(source, entry, options), async (block) => {
        await file.writeFile(block);
        done.bytes += block.length;
        options.onProgress?.({ ...done });
      });
    } finally {
      await file.close();
    }
    done.entries++;
    options.onProgress?.({ ...done });
  }
}

/** The files that are made below a folder, and the folders that they need. */
export interface FolderFiles {
  /** Writes a small file; it blocks, which is several times faster than waiting for each. */
  writeSync(key: AbsolutePath, bytes: Uint8Array): void;
  /** Opens a file to be written from its start. */
  open(key: AbsolutePath): Promise<FileHandle>;
}

/**
 * @param replace whether files may be there, of an earlier run that was cut short while it wrote them
 */
export function createFilesIn(folder: string, replace = false): FolderFiles {
  const flags = replace ? "w" : "wx";
  const made = new Set<string>();
  const pathFor = (key: AbsolutePath): string => {
    const path = join(folder, key);
    const parent = dirname(path);
    if (!made.has(parent)) {
      // A folder that another run has taken away is not to be made anew.
      if (!existsSync(folder)) throw folderGone(folder);
      mkdirSync(parent, { recursive: true });
    }
    made.add(parent);
    return path;
  };
  return {
    writeSync(key, bytes) {
      const file = openSync(pathFor(key), flags);
      try {
        writeAllSync(file, bytes);
      } finally {
        closeSync(file);
      }
    },
    open: async (key) => open(pathFor(key), flags),
  };
}

function folderGone(folder: string): WriteFailedError {
  return new WriteFailedError(
    `${folder} is gone: another run goes on with what was written, or somebody has removed it`,
    { location: folder },
  );
}
