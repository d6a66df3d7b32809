import { execFile } from "node:child_process";
import { open } from "node:fs/promises";
import { join, posix } from "node:path";
import { promisify } from "node:util";
import type { AbsolutePath } from "../../store/store.js";
import { syncNames } from "./beside.js";

const AT_ONCE = 16;

/**
 * Makes all files below a folder durable, and that they are there. On Linux one `syncfs` does it, by way of coreutils'
 * `sync -f`, because Node has no call for it: ten times faster than an fsync a file, which is what others get.
 *
 * @param keys of all files below the folder
 */
export async function syncFolder(
  folder: string,
  keys: Iterable<AbsolutePath>,
  signal?: AbortSignal,
): Promise<void> {
  if (process.platform === "linux" && (await syncFileSystem(folder))) return;
  const parents = new Set<string>(["/"]);
  await inLanes(keys, async (key) => {
    signal?.throwIfAborted();
    for (let at = posix.dirname(key); !parents.has(at); at = posix.dirname(at)) parents.add(at);
    const file = await open(join(folder, key), "r+");
    try {
      await file.sync();
    } finally {
      await file.close();
    }
  });
  // That a file is there is for its folder to know.
  await inLanes(parents, async (parent) => {
    signal?.throwIfAborted();
    await syncNames(join(folder, parent));
  });
}

async function inLanes<T>(items: Iterable<T>, work: (item: T) => Promise<void>): Promise<void> {
  // One for all lanes: each item is taken by one of them.
  const waiting = items[Symbol.iterator]();
  const lane = async (): Promise<void> => {
    for (let next = waiting.next(); !next.done; next = waiting.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}

async function syncFileSystem(folder: string): Promise<boolean> {
  try {
    await promisify(execFile)("sync", ["-f", folder]);
    return true;
  } catch {
    return false;
  }
}
