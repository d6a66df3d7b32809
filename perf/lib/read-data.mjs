import { existsSync } from "node:fs";
import { createFileSink } from "@ozx/core/node";
import { formatComment, writeArchive } from "@ozx/store-zip";

/** The name of chunk `index` in the archives made here. */
export function chunkName(index) {
  return `0/c/0/${Math.floor(index / 1000)}/${index % 1000}`;
}

/** Writes an archive of `count` chunks, whose values are their own number again and again; what is there stays. */
export async function makeArchive(path, count, size) {
  if (existsSync(path)) return;
  const group = Buffer.from(JSON.stringify({ zarr_format: 3, node_type: "group", attributes: {} }));
  const entries = [{ key: "/zarr.json", size: group.length, content: group }];
  for (let i = 0; i < count; i++) {
    const key = `/${chunkName(i)}`;
    entries.push({ key, size, content: key });
  }
  const numbers = new Map(entries.map(({ key }, index) => [key, index]));
  const source = {
    name: "made up",
    readSync(key, target) {
      const length = Math.min(size, target.length);
      target.fill(numbers.get(key), 0, length);
      return length;
    },
  };
  await writeArchive(source, entries, formatComment("0.5"), await createFileSink(path));
}

/** Chunks in an order that is random and the same each time. */
export function randomChunks(count, reads, seed = 1) {
  let state = seed;
  return Array.from({ length: reads }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return chunkName(Math.floor((state / 2 ** 32) * count));
  });
}
