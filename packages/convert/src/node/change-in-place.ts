import { fstat, fsync, ftruncate, open } from "node:fs";
import { mkdir, realpath, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { type AbsolutePath, UnreadableError } from "@ozx/core";
import { checkKeysSafe, type InPlaceWriter } from "@ozx/core/container";
import { holdFile, readFailure, writeAll, writeFailure } from "@ozx/core/internal/node";
import { folderWriter } from "./folder-writer.js";
import { recordGrowth, removeGrowthRecord } from "./growth-record.js";
import { findLeftovers, removeStaleLocks } from "./leftovers.js";
import { lockPath } from "./lock-path.js";
import { moveFiles, removeFiles } from "./move-files.js";
import { additionPath, holdPartial, releasePartial } from "./partial-files.js";
import { removeFolder } from "./remove-folder.js";
import { refuseReplaced } from "./staging.js";

/** Options of writers that change a file or folder in place. */
export interface InPlaceOptions {
  /**
   * Whether the caller holds the lock of `lockPath`, as one that has to look at the image before. By default, it is taken
   * here, and released when the writer is ended.
   */
  readonly isLocked?: boolean | undefined;
}

/**
 * Adds files to an existing folder, replaces files in it, or removes them.
 *
 * The files are written into a folder beside it, which is synced and then moved into place by renames, from the deepest
 * folders up: first new folders, then files. So a document that lists new nodes is replaced after they are there. A failure before
 * the first file is moved leaves the folder unchanged; a process that is killed meanwhile leaves at most files that no
 * document lists. Files that are removed go last, with the folders that are empty then.
 *
 * @throws NotFoundError when there is no such folder
 * @throws WriteFailedError when nothing can be written beside it, or another writer holds its lock
 * @throws SourceChangedError from `commit`, when another folder was renamed to `path`
 */
export async function appendToFolder(path: string, options: InPlaceOptions = {}): Promise<InPlaceWriter> {
  const unlock = await lockUnless(options, path);
  try {
    return await appendToLocked(path, unlock);
  } catch (error) {
    await unlock();
    throw error;
  }
}

function lockUnless({ isLocked = false }: InPlaceOptions, path: string): Promise<() => Promise<void>> {
  return isLocked ? Promise.resolve(async () => {}) : lockPath(path);
}

async function appendToLocked(path: string, unlock: () => Promise<void>): Promise<InPlaceWriter> {
  const found = await stat(path).catch((error: unknown) => {
    throw readFailure(error, path);
  });
  if (!found.isDirectory()) throw new UnreadableError(`${path} is a file, not a folder`, { location: path });
  // The target of a link may be on another disk, and files cannot be renamed between disks.
  const folder = await realpath(path);
  // The working folder may change until `commit`.
  const location = resolve(path);
  await removeLeftovers(folder);
  await removeStaleLocks(folder);
  const partial = additionPath(folder);
  holdPartial(partial);
  await mkdir(partial).catch((error: unknown) => {
    releasePartial(partial);
    throw writeFailure(error, path);
  });
  const remove = async (): Promise<void> => {
    await removeFolder(partial).catch(() => {});
    releasePartial(partial);
    await unlock();
  };
  const removed: AbsolutePath[] = [];
  const writer = folderWriter(path, {
    path: partial,
    async publish() {
      await refuseReplaced(location, found);
      try {
        await moveFiles(partial, folder);
        await removeFiles(folder, removed);
      } catch (error) {
        throw writeFailure(error, path);
      }
      await remove();
    },
    remove,
  });
  return {
    ...writer,
    remove(key) {
      checkKeysSafe([key], path);
      removed.push(key);
    },
  };
}

/** Removes additions that killed processes left: they cannot be resumed, and nothing else removes them. */
async function removeLeftovers(folder: string): Promise<void> {
  for (const { path, isAddition, elsewhere } of await findLeftovers(folder)) {
    if (isAddition && !elsewhere) await removeFolder(path).catch(() => {});
  }
}

const openFile = promisify(open);
const statFile = promisify(fstat);
const syncFile = promisify(fsync);
const truncateFile = promisify(ftruncate);

/** A file that is changed in place. The caller must keep its contents valid at every moment. */
export interface TailFile {
  /** Writes at any position; a write beyond the end makes the file larger. */
  write(position: number, bytes: Uint8Array): Promise<void>;
  truncate(size: number): Promise<void>;
  /**
   * Makes everything durable that was written before the call.
   *
   * @throws SourceChangedError when another file was renamed to its path
   */
  sync(): Promise<void>;
  /**
   * Call it before a write that makes the file larger and may be interrupted halfway: then `cutInterrupted` finds the size
   * that the file had.
   *
   * @param from where the end starts that readers need
   */
  beforeGrowth(from: number): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens a file for changing it in place, and locks it until it is closed.
 *
 * @throws NotFoundError when there is no such file
 * @throws WriteFailedError when it may not be written, or another writer holds its lock
 */
export async function openTailFile(path: string, options: InPlaceOptions = {}): Promise<TailFile> {
  const unlock = await lockUnless(options, path);
  try {
    return await openLocked(path, unlock);
  } catch (error) {
    await unlock();
    throw error;
  }
}

async function openLocked(path: string, unlock: () => Promise<void>): Promise<TailFile> {
  // Opened for reading first: errors of reading say that the file does not exist, those of writing that its folder does not.
  await holdFile(await openFile(path, "r").catch(failReading), path).close();
  const file = holdFile(await openFile(path, "r+").catch(failWriting), path);
  const opened = await file.use((open) => statFile(open));
  const location = resolve(path);
  const real = await realpath(path).catch(() => location);
  await removeStaleLocks(real);
  return {
    write: (position, bytes) => file.use((open) => writeAll(open, bytes, position)).catch(failWriting),
    truncate: (size) => file.use((open) => truncateFile(open, size)).catch(failWriting),
    async sync() {
      await refuseReplaced(location, opened);
      await file.use(syncFile).catch(failWriting);
    },
    beforeGrowth: (from) => recordGrowth(real, from),
    async close() {
      await removeGrowthRecord(real);
      await file.close().finally(unlock);
    },
  };

  function failReading(error: unknown): never {
    throw readFailure(error, path);
  }

  function failWriting(error: unknown): never {
    throw writeFailure(error, path);
  }
}
