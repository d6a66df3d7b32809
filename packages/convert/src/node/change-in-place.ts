import { fstat, fsync, ftruncate, open } from "node:fs";
import { mkdir, readdir, realpath, rename, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { UnreadableError } from "@ozx/core";
import type { EntryWriter } from "@ozx/core/container";
import { holdFile, readFailure, writeAll, writeFailure } from "@ozx/core/internal/node";
import { folderWriter } from "./folder-writer.js";
import { additionPath, holdPartial, releasePartial } from "./partial-files.js";
import { findLeftovers } from "./partial-journal.js";
import { exists, refuseReplaced, syncParent } from "./staging.js";

/**
 * Adds files to a folder that is there, or puts them in the place of others.
 *
 * They are written into a folder beside it, which is synced. Then what is new moves in, whole folders first, and after
 * all that lies below them the files that were there before, each by a rename: a document that lists what is new comes
 * after it. What fails before the first of those leaves the folder as it was; a process that is killed while it moves
 * leaves at most files that are not listed.
 *
 * @throws NotFoundError when there is no such folder
 * @throws WriteFailedError when nothing can be written beside it
 * @throws SourceChangedError from `commit`, when another folder has taken its place
 */
export async function appendToFolder(path: string): Promise<EntryWriter> {
  const found = await stat(path).catch((error: unknown) => {
    throw readFailure(error, path);
  });
  if (!found.isDirectory()) throw new UnreadableError(`${path} is a file, not a folder`, { location: path });
  // Behind a link it may be on another disk, and nothing is renamed from disk to disk.
  const folder = await realpath(path);
  const place = resolve(path);
  await removeLeftovers(folder);
  const partial = additionPath(folder);
  holdPartial(partial);
  await mkdir(partial).catch((error: unknown) => {
    releasePartial(partial);
    throw writeFailure(error, path);
  });
  const remove = async (): Promise<void> => {
    await rm(partial, { recursive: true, force: true }).catch(() => {});
    releasePartial(partial);
  };
  return folderWriter(path, {
    path: partial,
    async publish() {
      await refuseReplaced(place, found);
      try {
        await moveAll(partial, folder);
      } catch (error) {
        throw writeFailure(error, path);
      }
      await remove();
    },
    remove,
  });
}

/** What killed processes were to add to a folder cannot be gone on with, and nobody else would look for it. */
async function removeLeftovers(folder: string): Promise<void> {
  for (const { path, isAddition, elsewhere } of await findLeftovers(folder)) {
    if (isAddition && !elsewhere) await rm(path, { recursive: true, force: true }).catch(() => {});
  }
}

interface Move {
  readonly from: string;
  readonly to: string;
}

/** Moves what is in one folder into another one; new folders go back when no file could be moved after them. */
async function moveAll(from: string, to: string): Promise<void> {
  const moved: Move[] = [];
  try {
    await moveBelow({ from, to }, moved);
  } catch (error) {
    for (const move of moved.reverse()) await rename(move.to, move.from).catch(() => {});
    throw error;
  }
}

/**
 * Moves what is in one folder into another one, its folders before its files.
 *
 * @param moved gets the folders that were moved, until a file is, which may list them
 */
async function moveBelow({ from, to }: Move, moved: Move[]): Promise<void> {
  const found = await readdir(from, { withFileTypes: true });
  for (const { name } of found.filter((entry) => entry.isDirectory())) {
    const move = { from: join(from, name), to: join(to, name) };
    if (await exists(move.to)) {
      await moveBelow(move, moved);
    } else {
      await rename(move.from, move.to);
      moved.push(move);
    }
  }
  const inside = join(to, "zarr.json");
  // What is new is durable before it is listed.
  await syncParent(inside);
  for (const { name } of found.filter((entry) => !entry.isDirectory())) {
    await rename(join(from, name), join(to, name));
    moved.length = 0;
  }
  await syncParent(inside);
}

const openFile = promisify(open);
const statFile = promisify(fstat);
const syncFile = promisify(fsync);
const truncateFile = promisify(ftruncate);

/** A file that is changed where it lies; whoever does that keeps it whole at every moment. */
export interface TailFile {
  /** Writes at any position; beyond its end the file grows. */
  write(position: number, bytes: Uint8Array): Promise<void>;
  truncate(size: number): Promise<void>;
  /**
   * Returns when all that was written so far would survive a power cut.
   *
   * @throws SourceChangedError when another file has taken its place
   */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens a file to be changed in place.
 *
 * @throws NotFoundError when there is no such file
 * @throws WriteFailedError when it may not be written
 */
export async function openTailFile(path: string): Promise<TailFile> {
  // Asked apart, for "does not exist" is a matter of reading.
  await holdFile(await openFile(path, "r").catch(failReading), path).close();
  const file = holdFile(await openFile(path, "r+").catch(failWriting), path);
  const opened = await file.use((open) => statFile(open));
  const place = resolve(path);
  return {
    write: (position, bytes) => file.use((open) => writeAll(open, bytes, position)).catch(failWriting),
    truncate: (size) => file.use((open) => truncateFile(open, size)).catch(failWriting),
    async sync() {
      await refuseReplaced(place, opened);
      await file.use(syncFile).catch(failWriting);
    },
    close: () => file.close(),
  };

  function failReading(error: unknown): never {
    throw readFailure(error, path);
  }

  function failWriting(error: unknown): never {
    throw writeFailure(error, path);
  }
}
