import type { ReadOptions } from "../bytes/byte-source.js";
import type { AbsolutePath, StoreStamp } from "./store.js";
import type { WriteJob } from "./target.js";

/** A stamp of all values of the source that a job reads; undefined where the source has none. */
export async function stampOf(job: WriteJob, options?: ReadOptions): Promise<StoreStamp | undefined> {
  return job.source.stamp?.(keysRead(job), options);
}

function* keysRead({ entries, made }: WriteJob): Generator<AbsolutePath> {
  for (const { content } of entries) {
    if (typeof content === "string") yield content;
    else if (!(content instanceof Uint8Array)) {
      for (const piece of content) if (!(piece instanceof Uint8Array)) yield piece.key;
    }
  }
  yield* made?.origin?.reads() ?? [];
}
