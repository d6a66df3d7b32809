import { createPacer } from "./pacer.js";
import type { Store } from "./store.js";

/** Larger than nearly all metadata documents; the few others are read in the usual way. */
const BLOCK = 64 * 1024;

/**
 * The store with a `get` that is fast for thousands of small values, as the metadata of a plate is: where the
 * platform can read at once, it does, and rests now and then so that signals and timers have their turn.
 */
export function withFastGets(store: Store): Store {
  const { readSync } = store;
  if (readSync === undefined) return store;
  const block = new Uint8Array(BLOCK);
  const pause = createPacer();
  return {
    ...store,
    async get(key, options) {
      await pause();
      options?.signal?.throwIfAborted();
      const length = readSync(key, block);
      // Missing, empty, or perhaps longer than the block: `get` knows.
      return length === 0 || length === BLOCK ? store.get(key, options) : block.slice(0, length);
    },
  };
}
