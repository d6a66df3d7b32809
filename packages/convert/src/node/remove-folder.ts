import type { Dirent } from "node:fs";
import { readdir, rm, rmdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { ReadOptions } from "@ozx/core";
import { readAhead } from "@ozx/core/container";

/**
 * Removes a folder and everything in it, or a file; what links in it point to stays. A folder may have a hundred thousand
 * files, and as many folders, so many are removed at once: `rm` of Node removes one after the other.
 *
 * @param options.signal stops the removal, which leaves the rest of the folder
 * @returns whether all of it is removed
 * @throws the system's error where something cannot be removed
 */
export async function removeFolder(path: string, { signal }: ReadOptions = {}): Promise<boolean> {
  // What cannot be removed here, `rm` reports.
  const remove = (file: string): Promise<void> => unlink(file).catch(() => {});
  const depths: string[][] = [];
  for await (const _ of readAhead(filesBelow(path, depths), REMOVED_AT_ONCE, remove)) {
    if (signal?.aborted) return false;
  }
  for (const folders of depths.reverse()) {
    for await (const _ of readAhead(folders, REMOVED_AT_ONCE, (folder) => rmdir(folder).catch(() => {}))) {
      if (signal?.aborted) return false;
    }
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

/** Folders that are listed at once: each may have very many files. */
const LISTED_AT_ONCE = 4;

/** @param depths gets the folders, those of one depth after the other */
async function* filesBelow(path: string, depths: string[][]): AsyncGenerator<string> {
  const list = async (folder: string): Promise<[string, Dirent[]]> => [
    folder,
    await readdir(folder, { withFileTypes: true }).catch(() => []),
  ];
  for (let folders = [path]; folders.length > 0; ) {
    depths.push(folders);
    const below: string[] = [];
    for await (const [folder, entries] of readAhead(folders, LISTED_AT_ONCE, list)) {
      for (const entry of entries) {
        const inside = join(folder, entry.name);
        if (entry.isDirectory()) below.push(inside);
        else yield inside;
      }
    }
    folders = below;
  }
}
