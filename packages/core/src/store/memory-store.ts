import type { AbsolutePath, Store } from "./store.js";
import { isListed, resolveRange } from "./store-keys.js";
import { refuseTooLong } from "./value-limit.js";

/** A writable {@link memoryStore}. */
export interface MemoryStore extends Store {
  /** Sets a value, without copying it. */
  set(key: AbsolutePath, value: Uint8Array): Promise<void>;
}

/** A `Store` over a Map of keys to bytes. Reads return copies, which the caller may change. */
export function memoryStore(values: Map<AbsolutePath, Uint8Array> = new Map(), name = "memory"): MemoryStore {
  return {
    name,
    format: "memory",
    findings: [],
    async get(key, options) {
      options?.signal?.throwIfAborted();
      const value = values.get(key);
      if (value !== undefined) refuseTooLong(name, key, value.length, options);
      return value?.slice();
    },
    async getRange(key, range, options) {
      options?.signal?.throwIfAborted();
      const value = values.get(key);
      if (value === undefined) return undefined;
      const { offset, length } = resolveRange(range, value.length);
      return value.slice(offset, offset + length);
    },
    async stream(key, options) {
      options?.signal?.throwIfAborted();
      const value = values.get(key);
      return value && streamPieces(value, options?.signal);
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

const PIECE_SIZE = 256 * 1024;

/** The bytes in pieces, so that the stream can be aborted in between. */
function streamPieces(bytes: Uint8Array, signal: AbortSignal | undefined): ReadableStream<Uint8Array> {
  let position = 0;
  return new ReadableStream({
    pull(controller) {
      signal?.throwIfAborted();
      if (position >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(position, position + PIECE_SIZE));
      position += PIECE_SIZE;
    },
  });
}
