import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import type { ReadOptions } from "../bytes/byte-source.js";
import { createPacer } from "../store/pacer.js";
import type { StoreStamp } from "../store/store.js";
import { readFailure } from "./failures.js";

/** Sizes and times of this many files are hashed at once. */
const AT_ONCE = 4096;

/**
 * A stamp of files, in their order, from their sizes and from when they were last modified.
 *
 * @throws NotFoundError when one is not there any more
 */
export async function stampFiles(paths: Iterable<string>, options?: ReadOptions): Promise<StoreStamp> {
  const hash = createHash("sha256");
  const batch = new Float64Array(2 * AT_ONCE);
  const pause = createPacer();
  let used = 0;
  let newest: number | undefined;
  for (const path of paths) {
    const { size, mtimeMs } = look(path);
    newest = Math.max(newest ?? mtimeMs, mtimeMs);
    batch.set([size, mtimeMs], used);
    used += 2;
    if (used === batch.length) {
      hash.update(batch);
      used = 0;
    }
    const rest = pause();
    if (rest === undefined) continue;
    await rest;
    options?.signal?.throwIfAborted();
  }
  hash.update(batch.subarray(0, used));
  return { text: hash.digest("hex"), newest };
}

function look(path: string): { readonly size: number; readonly mtimeMs: number } {
  try {
    return statSync(path);
  } catch (error) {
    throw readFailure(error, path);
  }
}
