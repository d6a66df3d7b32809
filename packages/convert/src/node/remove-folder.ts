import { readdir, rm, unlink } from "node:fs/promises";
import { join } from "node:path";
import { readAhead } from "@ozx/core/container";

/**
 * Removes a folder and everything in it, or a file; what links in it point to stays. An interrupted command waits for it,
 * and a folder may have a hundred thousand files, so many are removed at once: `rm` of Node removes one after the other.
 *
 * @throws the system's error where something cannot be removed
 */
export async function removeFolder(path: string): Promise<void> {
  // What cannot be removed here, `rm` reports.
  const remove = (file: string): Promise<void> => unlink(file).catch(() => {});
  for await (const _ of readAhead(filesBelow(path), REMOVED_AT_ONCE, remove));
  await rm(path, { recursive: true, force: true });
}

const REMOVED_AT_ONCE = 64;

async function* filesBelow(path: string): AsyncGenerator<string> {
  const folders = [path];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
      const inside = join(folder, entry.name);
      if (entry.isDirectory()) folders.push(inside);
      else yield inside;
    }
  }
}
