import { readdir, rename, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import type { AbsolutePath } from "@ozx/core";
import { parentKey } from "@ozx/core/container";
import { exists, forEachConcurrently, syncFolders } from "./staging.js";

interface Move {
  readonly from: string;
  readonly to: string;
}

/** Folders of the same depth, and what is moved into them. */
interface Depth {
  readonly folders: Move[];
  readonly files: Move[];
}

/**
 * Moves the contents of one folder into another on the same disk, each file by a rename: from the deepest folders up, so
 * that what a document lists is there, durably, before the document. Folders that are not there yet are moved as a whole,
 * before the files beside them.
 *
 * When something cannot be moved, folders go back that no file was moved after, since that file may list them.
 *
 * @throws the system's error
 */
export async function moveFiles(from: string, to: string): Promise<void> {
  const moved: Move[] = [];
  try {
    for (const { folders, files } of (await depthsOf({ from, to })).reverse()) {
      await forEachConcurrently(folders, async (folder) => {
        await rename(folder.from, folder.to);
        moved.push(folder);
      });
      await syncParents(to, folders);
      await forEachConcurrently(files, async (file) => {
        await rename(file.from, file.to);
        moved.length = 0;
      });
      await syncParents(to, files);
    }
  } catch (error) {
    for (const move of moved.reverse()) await rename(move.to, move.from).catch(() => {});
    throw error;
  }
}

/** What is to be moved, from the top down. */
async function depthsOf(root: Move): Promise<Depth[]> {
  const depths: Depth[] = [];
  for (let shared = [root]; shared.length > 0; ) {
    const [depth, below]: [Depth, Move[]] = [{ folders: [], files: [] }, []];
    await forEachConcurrently(shared, async ({ from, to }) => {
      for (const entry of await readdir(from, { withFileTypes: true })) {
        const move = { from: join(from, entry.name), to: join(to, entry.name) };
        if (!entry.isDirectory()) depth.files.push(move);
        else if (await exists(move.to)) below.push(move);
        else depth.folders.push(move);
      }
    });
    depths.push(depth);
    shared = below;
  }
  return depths;
}

function syncParents(root: string, moves: readonly Move[]): Promise<void> {
  return syncFolders(root, [...new Set(moves.map(({ to }) => join(to, "..")))]);
}

/** Removes files of a folder, and the folders that are empty without them. */
export async function removeFiles(folder: string, keys: readonly AbsolutePath[]): Promise<void> {
  await forEachConcurrently(keys, (key) => rm(join(folder, key), { force: true }));
  const parents = new Set<AbsolutePath>();
  for (const key of keys) for (let at = parentKey(key); at !== "/"; at = parentKey(at)) parents.add(at);
  // Those below others come first.
  for (const parent of [...parents].sort((one, other) => other.length - one.length))
    await rmdir(join(folder, parent)).catch(() => {});
}
