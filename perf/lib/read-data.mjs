import { closeSync, copyFileSync, existsSync, openSync, readSync, statSync, writeSync } from "node:fs";
import { createFileSink } from "@ozx/convert/node";
import { ozxFormat } from "@ozx/store-zip";

/** The name of chunk `index` in a benchmark archive. */
export function chunkName(index) {
  return `0/c/0/${Math.floor(index / 1000)}/${index % 1000}`;
}

/** Writes an archive of `count` chunks of `size` bytes, each filled with its own number. An existing file is kept. */
export async function makeArchive(path, count, size) {
  if (existsSync(path)) return;
  const attributes = { ome: { version: "0.5" } };
  const group = Buffer.from(JSON.stringify({ zarr_format: 3, node_type: "group", attributes }));
  const entries = [{ key: "/zarr.json", size: group.length, content: group }];
  for (let i = 0; i < count; i++) {
    const key = `/${chunkName(i)}`;
    entries.push({ key, size, content: key });
  }
  const numbers = new Map(entries.map(({ key }, index) => [key, index]));
  const source = {
    name: "benchmark",
    readSync(key, target) {
      const length = Math.min(size, target.length);
      target.fill(numbers.get(key), 0, length);
      return length;
    },
  };
  await ozxFormat.target(await createFileSink(path)).write({ source, entries });
}

/** Copies an archive with its directory headers in a random order, which is the same each time. An existing copy is kept. */
export function shuffleDirectory(path, copy) {
  if (existsSync(copy)) return;
  const size = statSync(path).size;
  copyFileSync(path, copy);
  const file = openSync(copy, "r+");
  const tail = Buffer.alloc(Math.min(size, 1024));
  readSync(file, tail, 0, tail.length, size - tail.length);
  // In the ZIP64 end record, which ozx always writes, the directory's size and offset are at 40 and 48 (APPNOTE 4.3.14).
  const end = tail.lastIndexOf("PK\x06\x06");
  const [length, offset] = [40, 48].map((at) => Number(tail.readBigUInt64LE(end + at)));
  const directory = Buffer.alloc(length);
  readSync(file, directory, 0, length, offset);
  const headers = [];
  for (let at = 0; at < length; ) {
    const next = at + 46 + [28, 30, 32].reduce((sum, field) => sum + directory.readUInt16LE(at + field), 0);
    headers.push(directory.subarray(at, next));
    at = next;
  }
  let state = 1;
  for (let i = headers.length - 1; i > 0; i--) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const other = Math.floor((state / 2 ** 32) * (i + 1));
    [headers[i], headers[other]] = [headers[other], headers[i]];
  }
  writeSync(file, Buffer.concat(headers), 0, length, offset);
  closeSync(file);
}

/** Names of random chunks, the same for the same seed. */
export function randomChunks(count, reads, seed = 1) {
  let state = seed;
  return Array.from({ length: reads }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return chunkName(Math.floor((state / 2 ** 32) * count));
  });
}
