import type { AbsolutePath } from "@ozx/core";
import { type MemoryStore, memoryStore, type StoreTarget } from "@ozx/core/container";

/** A target in memory that grows, and shows nothing before it is committed. */
export function growingTarget(): StoreTarget & { readonly store: MemoryStore; readonly added: string[] } {
  const values = new Map<AbsolutePath, Uint8Array>();
  const added: string[] = [];
  return {
    name: "memory",
    store: memoryStore(values),
    added,
    write: () => Promise.reject(new Error("not asked for")),
    async begin() {
      const written = new Map<AbsolutePath, Uint8Array>();
      return {
        name: "memory",
        async add({ key, bytes }) {
          if (added.includes(key)) throw new Error(`${key} twice`);
          added.push(key);
          const blocks: Uint8Array[] = [];
          if (bytes instanceof Uint8Array) blocks.push(bytes.slice());
          else for await (const block of bytes) blocks.push(block.slice());
          written.set(key, new Uint8Array(await new Blob(blocks as Uint8Array<ArrayBuffer>[]).arrayBuffer()));
        },
        async commit() {
          for (const [key, value] of written) values.set(key, value);
        },
        async discard() {
          written.clear();
        },
      };
    },
  };
}
