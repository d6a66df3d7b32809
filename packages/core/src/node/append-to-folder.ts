import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { UnreadableError } from "../errors.js";
import type { EntryWriter } from "../store/target.js";
import { exists, partialPath, syncParent } from "./beside.js";
import { readFailure, writeFailure } from "./failures.js";
import { folderWriter } from "./folder-writer.js";

/**
 * Adds files to a folder that is there, or puts them in the place of others.
 *
 * They are written into a folder beside it, which is synced. Then what is new moves in, whole folders first, and after
 * all that lies below them the files that were there before, each by a rename: a document that lists what is new comes
 * after it. What is cut short before leaves the folder as it was, what is cut short then at most files that are not
 * listed.
 *
 * @throws NotFoundError when there is no such folder
 * @throws WriteFailedError when nothing can be written beside it
 */
export async function appendToFolder(path: string): Promise<EntryWriter> {
  const found = await stat(path).catch((error: unknown) => {
    throw readFailure(error, path);
  });
  if (!found.isDirectory()) throw new UnreadableError(`${path} is a file, not a folder`, { location: path });
  const partial = partialPath(path);
  await mkdir(partial).catch((error: unknown) => {
    throw writeFailure(error, path);
  });
  return folderWriter(path, {
    path: partial,
    async moveIn() {
      try {
        await moveBelow(partial, path);
        await rm(partial, { recursive: true });
      } catch (error) {
        throw writeFailure(error, path);
      }
    },
    remove: () => rm(partial, { recursive: true, force: true }).catch(() => {}),
  });
}

/** Moves what is in one folder into another one, its folders before its files. */
async function moveBelow(from: string, to: string): Promise<void> {
  const found = await readdir(from, { withFileTypes: true });
  for (const { name } of found.filter((entry) => entry.isDirectory())) {
    const [source, target] = [join(from, name), join(to, name)];
    if (await exists(target)) await moveBelow(source, target);
    else await rename(source, target);
  }
  const inside = join(to, "zarr.json");
  // What is new is durable before it is listed.
  await syncParent(inside);
  for (const { name } of found.filter((entry) => !entry.isDirectory())) {
    await rename(join(from, name), join(to, name));
  }
  await syncParent(inside);
}
