import { isListed } from "./list.js";
import { resolveRange } from "./range.js";
import type { AbsolutePath, Store } from "./store.js";

export interface MemoryStore extends Store {
  /** Sets a value; the bytes are kept, not copied. */
  set(key: AbsolutePath, value: Uint8Array): Promise<void>;
}

/** A `Store` over a Map of keys to bytes. */
export function memoryStore(values: Map<AbsolutePath, Uint8Array> = new Map(), name = "memory"): MemoryStore {
  return {
    name,
    format: "memory",
    findings: [],
    async get(key, options) {
      options?.signal?.throwIfAborted();
      return values.get(key);
    },
    async getRange(key, range, options) {
      options?.signal?.throwIfAborted();
      const value = values.get(key);
      if (value === undefined) return undefined;
      const { offset, length } = resolveRange(range, value.length);
      return value.subarray(offset, offset + length);
    },
    async stream(key, options) {
      options?.signal?.throwIfAborted();
      const value = values.get(key);
      return value && new Blob([value as Uint8Array<ArrayBuffer>]).stream();
    },
    async *list(options) {
      for (const [key, value] of values) {
        options?.signal?.throwIfAborted();
        if (isListed(key, options)) yield { key, size: value.length };
      }
    },
    readSync(key, target) {
      const value = values.get(key)?.subarray(0, target.length);
      if (value === undefined) return 0;
      target.set(value);
      return value.length;
    },
    async set(key, value) {
      values.set(key, value);
    },
    async close() {},
  };
}
