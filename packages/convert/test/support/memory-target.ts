import type { AbsolutePath } from "@ozx/core";
import { type MemoryStore, memoryStore, readEntry, type StoreTarget } from "@ozx/core/container";

/** A target that keeps what is written in a store. */
export function memoryTarget(): StoreTarget & { readonly store: MemoryStore } {
  const values = new Map<AbsolutePath, Uint8Array>();
  return {
    name: "memory",
    store: memoryStore(values),
    async write({ source, entries, generated }, options) {
      for (const entry of entries) values.set(entry.key, await readEntry(source, entry, options));
      if (generated === undefined) return;
      for await (const { key, bytes } of generated.produce(options)) values.set(key, await gather(bytes));
    },
  };
}

async function gather(bytes: Uint8Array | AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  if (bytes instanceof Uint8Array) return bytes;
  const blocks: Uint8Array[] = [];
  for await (const block of bytes) blocks.push(block.slice());
  return new Uint8Array(await new Blob(blocks as Uint8Array<ArrayBuffer>[]).arrayBuffer());
}
