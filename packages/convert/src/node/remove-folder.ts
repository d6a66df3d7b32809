import { readdir, rm, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { ReadOptions } from "@ozx/core";
import { readAhead } from "@ozx/core/container";

/**
 * Removes a folder and everything in it, or a file; what links in it point to stays. A folder may have a hundred thousand
 * files, so many are removed at once: `rm` of Node removes one after the other.
 *
 * @param options.signal stops the removal, which leaves the rest of the folder
 * @returns whether all of it is removed
 * @throws the system's error where something cannot be removed
 */
export async function removeFolder(path: string, { signal }: ReadOptions = {}): Promise<boolean> {
  // What cannot be removed here, `rm` reports.
  const remove = (file: string): Promise<void> => unlink(file).catch(() => {});
  for await (const _ of readAhead(filesBelow(path), REMOVED_AT_ONCE, remove)) {
    if (signal?.aborted) return false;
  }
  if (signal?.aborted) return false;
  await rm(path, { recursive: true, force: true });
  return true;
}

/** As {@link removeFolder}, for as long as a command that was asked to end may take. */
export function removeInTime(path: string): Promise<boolean> {
  return removeFolder(path, { signal: AbortSignal.timeout(IN_TIME) });
}

/** In ms. A signal ends a command within a second. */
const IN_TIME = 500;

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
