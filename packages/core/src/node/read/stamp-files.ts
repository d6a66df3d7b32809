import { createHash } from "node:crypto";
import { realpathSync, statSync } from "node:fs";
import { sep } from "node:path";
import { createThrottle } from "../../bytes/concurrency.js";
import type { ReadOptions } from "../../bytes/source-and-sink.js";
import type { StoreFingerprint } from "../../store/store.js";
import { readFailure } from "../system/failures.js";

/** What is known of this many files is hashed at once. */
const AT_ONCE = 4096;

/**
 * A stamp of files, in their order, from where they are, their sizes and when they were last modified. Sizes and times
 * alone are not enough: `unzip` gives all files of an `.ozx` the same time, and chunks may all have one size.
 *
 * @param folder that the paths start with, empty for the root of all folders
 * @throws NotFoundError when one is not there any more
 */
export async function stampFiles(
  folder: string,
  paths: Iterable<string>,
  options?: ReadOptions,
): Promise<StoreFingerprint> {
  const hash = createHash("sha256");
  // However the folder was named, it is the same one.
  hash.update(looking(folder, () => realpathSync(folder || sep)));
  let batch: string[] = [];
  const pause = createThrottle();
  let newest: number | undefined;
  for (const path of paths) {
    const { size, mtimeMs } = looking(path, () => statSync(path));
    newest = Math.max(newest ?? mtimeMs, mtimeMs);
    batch.push(`\n${size} ${mtimeMs} ${path.slice(folder.length)}`);
    if (batch.length === AT_ONCE) {
      hash.update(batch.join(""));
      batch = [];
    }
    const rest = pause();
    if (rest === undefined) continue;
    await rest;
    options?.signal?.throwIfAborted();
  }
  hash.update(batch.join(""));
  return { text: hash.digest("hex"), newest };
}

function looking<T>(path: string, look: () => T): T {
  try {
    return look();
  } catch (error) {
    throw readFailure(error, path);
  }
}
