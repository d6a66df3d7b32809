import { appendFile, mkdir, mkdtemp, rename, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { AbsolutePath, ArrayNode, ChunkWorkers, Store } from "@ozx/core";
import { readHierarchy } from "@ozx/core";
import { loadCodecs } from "@ozx/core/codecs";
import {
  type ChunkTaskRequest,
  createBlockReader,
  createChunkPool,
  inlineWorkers,
  serveChunks,
} from "@ozx/core/internal";
import { openDirectoryStore } from "@ozx/core/internal/node";
import { afterAll, beforeEach, expect, test, vi } from "vitest";
import { openFileSource } from "../../src/node/read/file-source.js";
import { createChunkWorkers } from "../../src/node/threads/chunk-workers.js";
import { createPartReader } from "../../src/node/threads/file-reader.js";

/** A pool whose threads are this one, and that counts the chunks which they read themselves. */
function fileWorkers(): {
  readonly workers: ChunkWorkers;
  readonly counts: { inFiles: number; sent: number };
} {
  const counts = { inFiles: 0, sent: 0 };
  const workers = createChunkPool({
    workers: 2,
    sharesMemory: true,
    readsFiles: true,
    start(events) {
      const reader = createPartReader();
      const serve = serveChunks((result) => events.onResult(structuredClone(result)), { reader });
      const send = ({ target, ...rest }: ChunkTaskRequest): void => {
        counts.inFiles += rest.files?.chunks.length ?? 0;
        counts.sent += rest.chunks?.length ?? 0;
        const cloned = structuredClone(rest);
        void Promise.resolve().then(() => serve({ ...cloned, target }));
      };
      return { send, end: async () => {} };
    },
  });
  return { workers, counts };
}

const CHUNK = 64;
const SIDE = 8 * CHUNK;
const folders: string[] = [];
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ozx-file-chunks-"));
  folders.push(folder);
  await writeArray(folder);
});

afterAll(async () => {
  for (const made of folders) await rm(made, { recursive: true, force: true });
});

const ALL = { start: [0, 0], stop: [SIDE, SIDE] };

async function readAll(store: Store, workers?: ChunkWorkers): Promise<number[]> {
  const node = (await readHierarchy(store)).nodes.get("/0") as ArrayNode;
  const read = await createBlockReader(store, node, workers);
  const block = await read?.(ALL);
  return Array.from(block?.data as Uint16Array);
}

test("threads read the chunks of a folder, and missing ones are the fill value", async () => {
  await rm(join(folder, "0/c/3/3"));
  await rm(join(folder, "0/c/5"), { recursive: true });
  const { workers, counts } = fileWorkers();
  const read = await readAll(openDirectoryStore(folder), workers);
  const expected = Array.from({ length: SIDE * SIDE }, (_, at) => {
    const [y, x] = [Math.floor(at / SIDE), at % SIDE];
    const [row, column] = [Math.floor(y / CHUNK), Math.floor(x / CHUNK)];
    return row === 5 || (row === 3 && column === 3) ? FILL : valueAt(y, x);
  });
  expect(read).toEqual(expected);
  expect(counts).toEqual({ inFiles: 64, sent: 0 });
});

test("threads read chunks out of shards", async () => {
  await writeShards(folder);
  const { workers, counts } = fileWorkers();
  expect(await readAll(openDirectoryStore(folder), workers)).toEqual(valuesOf(SIDE));
  expect(counts.inFiles).toBe(64);
});

const DAMAGE: Record<string, (path: string) => Promise<unknown>> = {
  truncated: (path) => truncate(path, 40),
  empty: (path) => truncate(path, 0),
  "of something else": (path) => writeFile(path, "<html>"),
  "longer than any chunk can be": (path) => appendFile(path, new Uint8Array(1_000_000)),
  "a folder": async (path) => {
    await rm(path);
    await mkdir(path);
  },
};

test.each(Object.entries(DAMAGE))("a chunk that is %s is what its store says", async (_, damage) => {
  await damage(join(folder, "0/c/2/1"));
  const outcome = async (workers: ChunkWorkers, blocking = false): Promise<unknown> =>
    readAll(openDirectoryStore(folder, { blocking }), workers).catch((error: Error) => error.message);
  const expected = await outcome(inlineWorkers());
  expect(await outcome(fileWorkers().workers)).toEqual(expected);
  expect(await outcome(createChunkWorkers({ workers: 1 }))).toEqual(expected);
  expect(await outcome(createChunkWorkers({ workers: 1 }), true)).toEqual(expected);
});

test.each([false, true])("the calling thread reads chunks, blocking or not: %s", async (blocking) => {
  const store = openDirectoryStore(folder, { blocking });
  const asking = { ...store, get: vi.fn(store.get) };
  expect(await readAll(asking, createChunkWorkers({ workers: 1 }))).toEqual(valuesOf(SIDE));
  expect(asking.get.mock.calls.filter(([key]) => key.includes("/c/"))).toEqual([]);
  await writeShards(folder);
  expect(await readAll(store, createChunkWorkers({ workers: 1 }))).toEqual(valuesOf(SIDE));
});

test("reading in the calling thread ends with the signal's reason", async () => {
  const store = openDirectoryStore(folder);
  const node = (await readHierarchy(store)).nodes.get("/0") as ArrayNode;
  const read = await createBlockReader(store, node, createChunkWorkers({ workers: 1 }));
  const controller = new AbortController();
  const reading = read?.(ALL, { signal: controller.signal });
  controller.abort(new Error("no longer wanted"));
  await expect(reading).rejects.toThrow("no longer wanted");
});

test("a file that took the place of the opened one is not read, nor one with other bytes", async () => {
  const [file, other] = [join(folder, "file"), join(folder, "other")];
  await writeFile(file, "0123456789");
  const reader = createPartReader();
  const source = await openFileSource(file);
  const part = source.locate?.({ offset: 2, length: 3 });
  if (part === undefined) throw new Error("a file is located");
  expect(Buffer.from(reader.read(part, 100) as Uint8Array).toString()).toBe("234");
  expect(reader.read({ ...part, crc32: 1 }, 100)).toBeUndefined();
  // The CRC-32 of "234", by Python's zlib.
  expect(reader.read({ ...part, crc32: 0x0d717969 }, 100)).toHaveLength(3);
  expect(reader.read(part, 2)).toBeUndefined();
  expect(reader.read({ ...part, length: 9 }, 100)).toBeUndefined();
  reader.close();
  await writeFile(other, "9876543210");
  await rename(other, file);
  expect(reader.read(part, 100)).toBeUndefined();
  await rm(file);
  expect(reader.read(part, 100)).toBeUndefined();
  await source.close();
});

const FILL = 7;

function valueAt(y: number, x: number): number {
  return (y * 31 + x * 7) % 5000;
}

function valuesOf(side: number): number[] {
  return Array.from({ length: side * side }, (_, at) => valueAt(Math.floor(at / side), at % side));
}

const ZSTD = [{ name: "zstd", configuration: { level: 1, checksum: false } }];
const BYTES = { name: "bytes", configuration: { endian: "little" } };

async function writeArray(folder: string): Promise<void> {
  await writeDocuments(folder, [BYTES, ...ZSTD], [CHUNK, CHUNK]);
  for (let row = 0; row < SIDE / CHUNK; row++) {
    for (let column = 0; column < SIDE / CHUNK; column++) {
      await put(folder, `/0/c/${row}/${column}`, await chunkAt(row, column));
    }
  }
}

/** Each shard has 2 × 2 chunks. */
async function writeShards(folder: string): Promise<void> {
  const configuration = {
    chunk_shape: [CHUNK, CHUNK],
    codecs: [BYTES, ...ZSTD],
    index_codecs: [BYTES],
    index_location: "end",
  };
  await writeDocuments(folder, [{ name: "sharding_indexed", configuration }], [2 * CHUNK, 2 * CHUNK]);
  for (let row = 0; row < SIDE / CHUNK; row += 2) {
    for (let column = 0; column < SIDE / CHUNK; column += 2) {
      const chunks: Uint8Array[] = [];
      const index = new BigUint64Array(8);
      let offset = 0;
      for (let k = 0; k < 4; k++) {
        const chunk = await chunkAt(row + (k >> 1), column + (k & 1));
        index[2 * k] = BigInt(offset);
        index[2 * k + 1] = BigInt(chunk.length);
        offset += chunk.length;
        chunks.push(chunk);
      }
      const shard = Buffer.concat([...chunks, new Uint8Array(index.buffer)]);
      await rm(join(folder, `0/c/${row / 2}/${column / 2}`), { recursive: true, force: true });
      await put(folder, `/0/c/${row / 2}/${column / 2}`, shard);
    }
  }
}

async function chunkAt(row: number, column: number): Promise<Uint8Array> {
  const values = new Uint16Array(CHUNK * CHUNK);
  for (let at = 0; at < values.length; at++) {
    values[at] = valueAt(row * CHUNK + Math.floor(at / CHUNK), column * CHUNK + (at % CHUNK));
  }
  const { zstd } = await loadCodecs();
  return zstd.encode(new Uint8Array(values.buffer), { level: 1 });
}

async function writeDocuments(folder: string, codecs: object[], chunk_shape: number[]): Promise<void> {
  const array = {
    ...{ zarr_format: 3, node_type: "array", shape: [SIDE, SIDE], data_type: "uint16", attributes: {} },
    chunk_grid: { name: "regular", configuration: { chunk_shape } },
    chunk_key_encoding: { name: "default", configuration: { separator: "/" } },
    fill_value: FILL,
    codecs,
  };
  const group = { zarr_format: 3, node_type: "group", attributes: {} };
  await put(folder, "/0/zarr.json", JSON.stringify(array));
  await put(folder, "/zarr.json", JSON.stringify(group));
}

async function put(folder: string, key: AbsolutePath, value: Uint8Array | string): Promise<void> {
  await mkdir(dirname(join(folder, key)), { recursive: true });
  await writeFile(join(folder, key), value);
}
