import { execFile } from "node:child_process";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { AbsolutePath } from "../store/store.js";

const FILES_AT_ONCE = 16;

/**
 * Makes all files below a folder durable. On Linux one `syncfs` does it, by way of coreutils' `sync -f`,
 * because Node has no call for it: ten times faster than an fsync a file, which is what other systems get.
 *
 * @param keys of all files below the folder
 */
export async function syncFolder(
  folder: string,
  keys: Iterable<AbsolutePath>,
  signal?: AbortSignal,
): Promise<void> {
  if (process.platform === "linux" && (await syncFileSystem(folder))) return;
  // One for all lanes: each file is taken by one of them.
  const waiting = keys[Symbol.iterator]();
  const lane = async (): Promise<void> => {
    for (let next = waiting.next(); !next.done; next = waiting.next()) {
      signal?.throwIfAborted();
      const file = await open(join(folder, next.value), "r+");
      try {
        await file.sync();
      } finally {
        await file.close();
      }
    }
  };
  await Promise.all(Array.from({ length: FILES_AT_ONCE }, lane));
}

async function syncFileSystem(folder: string): Promise<boolean> {
  try {
    await promisify(execFile)("sync", ["-f", folder]);
    return true;
  } catch {
    return false;
  }
}
