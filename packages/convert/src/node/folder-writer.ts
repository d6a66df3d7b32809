import { closeSync, existsSync, mkdirSync, openSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type AbsolutePath, type ReadOptions, UsageError, WriteFailedError } from "@ozx/core";
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
import { checkKeysOnWindows, distinctKeys } from "@ozx/core/internal";
import { writeAllSync, writeFailure } from "@ozx/core/internal/node";
import type { StagedFolder } from "./staged-folder.js";
import { syncFolder } from "./staging.js";

/** An {@link EntryWriter} whose folder can be published later. */
export interface FolderWriter extends EntryWriter {
  /** Makes all entries durable, without publishing the folder. */
  finish(options?: ReadOptions): Promise<void>;
}

export interface FolderWriterOptions {
  /** Keys of the files that are in the folder already. */
  readonly written?: readonly AbsolutePath[];
  /** Whether other files may be in the folder, left by an interrupted run. */
  readonly replace?: boolean;
}

/**
 * Writes entries into a staged folder, each into its own file, so that calls of `add` may overlap.
 *
 * @param path the folder's destination
 */
export function folderWriter(
  path: string,
  folder: StagedFolder,
  { written = [], replace = false }: FolderWriterOptions = {},
): FolderWriter {
  const files = createFilesIn(folder.path, replace);
  const added: AbsolutePath[] = [];
  const adding = new Set<Promise<void>>();
  let admit: ((key: AbsolutePath) => void) | undefined;
  let failure: { readonly error: unknown } | undefined;
  const write = async ({ key, bytes }: GeneratedEntry, signal: AbortSignal | undefined): Promise<void> => {
    signal?.throwIfAborted();
    // Created late: a job without generated entries has checked its keys already.
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
  const finish = async (options?: ReadOptions): Promise<void> => {
    await Promise.all(adding);
    if (failure !== undefined) throw failure.error;
    await syncFolder(folder.path, [...written, ...added], options?.signal).catch((error: unknown) => {
      throw writeFailure(error, path);
    });
    options?.signal?.throwIfAborted();
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
    finish,
    async commit(options) {
      await finish(options);
      await folder.publish();
    },
    async discard() {
      // Later calls of `add` would create the folder again.
      failure ??= { error: new UsageError(`${path} was discarded: nothing can be added to it any more`) };
      await Promise.allSettled(adding);
      await folder.remove();
    },
  };
}

/** Returns a function that throws for keys that are unsafe, or clash with earlier ones. */
function createKeyGate(path: string, written: readonly AbsolutePath[]): (key: AbsolutePath) => void {
  const refuseClash = distinctKeys(path);
  const keys = new Set(written);
  written.forEach(refuseClash);
  return (key) => {
    if (keys.has(key)) throw new RangeError(`${key} cannot be written twice`);
    checkKeysSafe([key], path);
    if (process.platform === "win32") checkKeysOnWindows([key], path);
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
    // Not with writeBehind: a block is valid only until the next one is requested.
    for await (const block of blocks) {
      signal?.throwIfAborted();
      await file.writeFile(block);
    }
  } finally {
    await file.close();
  }
}

/** The largest entry that is read whole, in bytes; larger ones are streamed. */
export const READ_WHOLE_UP_TO = 1024 * 1024;
/** How many whole entries are read concurrently, where reads do not block. */
const CONCURRENT_READS = 16;

/** Writes each entry of a job into its own file. */
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
    const pause = createThrottle(options);
    const buffer = new Uint8Array(READ_WHOLE_UP_TO + 1);
    for (const entry of small) {
      options.signal?.throwIfAborted();
      const isRead = readEntrySync(source, entry, buffer);
      const bytes = isRead ? buffer.subarray(0, entry.size) : await readEntry(source, entry, options);
      files.writeSync(entry.key, bytes);
      finish(entry);
      const rest = pause();
      if (rest !== undefined) await rest;
    }
  } else {
    const read = async (entry: EntryInput): Promise<[EntryInput, Uint8Array]> => [
      entry,
      await readEntry(source, entry, options),
    ];
    for await (const [entry, bytes] of readAhead(small, CONCURRENT_READS, read)) {
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

/** Creates files below a folder, and the subfolders that they need. */
export interface FolderFiles {
  /** Writes a small file. Blocks, which is several times faster than waiting for each file. */
  writeSync(key: AbsolutePath, bytes: Uint8Array): void;
  /** Opens a file for writing from its start. */
  open(key: AbsolutePath): Promise<FileHandle>;
}

/** @param replace whether files may exist already, left by an interrupted run */
export function createFilesIn(folder: string, replace = false): FolderFiles {
  const flags = replace ? "w" : "wx";
  const created = new Set<string>();
  const pathFor = (key: AbsolutePath): string => {
    const path = join(folder, key);
    const parent = dirname(path);
    if (!created.has(parent)) {
      // `recursive` would create again a folder that another run has taken over.
      if (!existsSync(folder)) throw folderGone(folder);
      mkdirSync(parent, { recursive: true });
    }
    created.add(parent);
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
    `${folder} is gone: another run has taken it over to resume it, or it was removed`,
    { location: folder },
  );
}
