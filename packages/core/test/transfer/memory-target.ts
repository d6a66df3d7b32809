import { type AbsolutePath, type MemoryStore, memoryStore, type StoreTarget } from "@ozx/core";
import { readEntry } from "../../src/store/entry-bytes.js";

/** A target that keeps what is written in a store. */
export function memoryTarget(): StoreTarget & { readonly store: MemoryStore } {
  const values = new Map<AbsolutePath, Uint8Array>();
  return {
    name: "memory",
    store: memoryStore(values),
    async write({ source, entries }, options) {
      for (const entry of entries) values.set(entry.key, await readEntry(source, entry, options));
    },
  };
}
