import { mkdir, readdir, realpath, rename, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { UnreadableError } from "../../errors.js";
import type { EntryWriter } from "../../store/target.js";
import { leftPartials } from "../resume/left-partials.js";
import { holdPartial, releasePartial } from "../resume/own-partials.js";
import { exists, refuseReplaced, syncParent } from "../system/beside.js";
import { readFailure, writeFailure } from "../system/failures.js";
import { additionPath } from "../system/partial-name.js";
import { folderWriter } from "./folder-writer.js";

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
  await removeLeft(folder);
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
    async moveIn() {
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
async function removeLeft(folder: string): Promise<void> {
  for (const { path, isAddition, elsewhere } of await leftPartials(folder)) {
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
