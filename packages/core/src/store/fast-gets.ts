import { createPacer } from "./pacer.js";
import type { Store } from "./store.js";

/** Larger than nearly all metadata documents; the few others are read in the usual way. */
const BLOCK = 64 * 1024;

/**
 * The store with a `get` that is fast for thousands of small values, as the metadata of a plate is: where the
 * platform can read at once, it does, and rests now and then so that signals and timers have their turn.
 */
export function withFastGets(store: Store): Store {
  const readSync = store.readSync?.bind(store);
  if (readSync === undefined) return store;
  const block = new Uint8Array(BLOCK);
  const pause = createPacer();
  return {
    name: store.name,
    format: store.format,
    findings: store.findings,
    // One by one: what is a class has none of its own.
    getRange: (key, range, options) => store.getRange(key, range, options),
    stream: (key, options) => store.stream(key, options),
    list: (options) => store.list(options),
    readSync,
    ...(store.openSync && { openSync: store.openSync.bind(store) }),
    ...(store.stamp && { stamp: store.stamp.bind(store) }),
    ...(store.descriptor && { descriptor: store.descriptor.bind(store) }),
    unlisted: store.unlisted,
    close: () => store.close(),
    async get(key, options) {
      await pause();
      options?.signal?.throwIfAborted();
      const length = readSync(key, block);
      // Missing, empty, or perhaps longer than the block: `get` knows.
      return length === 0 || length === BLOCK ? store.get(key, options) : block.slice(0, length);
    },
  };
}
