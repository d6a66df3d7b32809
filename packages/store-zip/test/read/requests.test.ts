import { planTransfer, runTransfer } from "@ozx/convert";
import { type AbsolutePath, readHierarchy, type Store } from "@ozx/core";
import { memorySink, openHttpSource } from "@ozx/core/container";
import { openContainer } from "@ozx/core/internal";
import {
  arrayDocument,
  encodeJson,
  outsideSample,
  type RangeServer,
  sampleStore,
  skipFor,
  startRangeServer,
} from "@ozx/testing";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import * as zarr from "zarrita";
import { ozxFormat } from "../../src/index.js";
import { bytesFor, groupDocument, type LargeEntry, largeArchive } from "../fixtures/large-archive.js";
import { openZipStore } from "../fixtures/open-zip.js";
import { expectBytes } from "../fixtures/same-bytes.js";

/** What a header and the extra fields around it take, and more. */
const HEADERS = 256;
const KB = 1024;

let server: RangeServer | undefined;
afterEach(() => server?.close());

interface Counted {
  readonly requests: number;
  readonly bytes: number;
}

/** What was asked of the server since `before`. */
function countRequests({ requests }: RangeServer, before = 0): Counted {
  const counted = requests.slice(before);
  return { requests: counted.length, bytes: counted.reduce((sum, { bytes }) => sum + bytes, 0) };
}

/** As `openPath` does with an address. */
async function openUrl({ url }: RangeServer, sizeBy: "suffix" | "head" = "suffix"): Promise<Store> {
  return openContainer(await openHttpSource(url, { sizeBy }), { formats: [ozxFormat] });
}

const MODES = [
  ["suffix", "Node", 0],
  ["head", "a browser", 1],
] as const;

describe("open and all metadata of a sharded archive of 500 entries", () => {
  const documents = Array.from({ length: 99 }, (_, i) => groupDocument(`field-${i}`));
  const entries: LargeEntry[] = [
    groupDocument("", { ome: { version: "0.5" } }),
    ...documents,
    ...Array.from({ length: 400 }, (_, i) => ({ name: `0/c/${i}`, size: 2000 })),
  ];
  const metadata = entries.slice(0, 100).reduce((sum, { size }) => sum + size + 100, 0);

  test.for(MODES)("%s: 2 requests in Node, 3 in a browser", async ([sizeBy, , more]) => {
    server = await startRangeServer(await largeArchive(entries));
    const hierarchy = await readHierarchy(await openUrl(server, sizeBy));
    expect(hierarchy.nodes.size).toBe(100);
    const { requests, bytes } = countRequests(server);
    expect(requests).toBeLessThanOrEqual(2 + more);
    expect(bytes).toBeLessThanOrEqual(128 * KB + metadata);
  });
});

describe("open and all metadata of 1,000,000 entries, metadata first", () => {
  const large = { timeout: 120_000, ...skipFor(outsideSample()) };
  test("4 requests, and no more of the directory than its head", large, async () => {
    const documents = Array.from({ length: 999 }, (_, i) => groupDocument(`field-${i}`));
    const metadata = documents.reduce((sum, { size }) => sum + size + 100, 100);
    const entries: LargeEntry[] = [groupDocument("", { ome: { version: "0.5" } }), ...documents];
    for (let i = entries.length; i < 999_990; i++)
      entries.push({ name: `0/c/${i >> 10}/${i & 1023}`, size: 0 });
    for (let i = 0; i < 10; i++) entries.push({ name: `1/c/${i}`, size: 300_000 });
    const archive = await largeArchive(entries);
    for (const [sizeBy, where, more] of MODES) {
      server = await startRangeServer(archive);
      const store = await openUrl(server, sizeBy);
      expect((await readHierarchy(store)).nodes.size, where).toBe(1000);
      expect(await store.get("/0/zarr.json")).toBeUndefined();
      const opened = countRequests(server);
      expect(opened.requests, where).toBeLessThanOrEqual(3 + more);
      expect(opened.bytes, where).toBeLessThanOrEqual(512 * KB + metadata);
      if (sizeBy === "suffix") {
        // The rest comes when a chunk is asked for, in pieces, and once for all who ask.
        const keys = Array.from({ length: 10 }, (_, i): AbsolutePath => `/1/c/${i}`);
        const chunks = await Promise.all(keys.map((key) => store.get(key)));
        for (const [i, key] of keys.entries()) {
          expectBytes(chunks[i], bytesFor(key.slice(1), 300_000));
        }
        expect(store.findings).toEqual([]);
        const rest = countRequests(server, opened.requests);
        expect(rest.bytes).toBeLessThan(100_000_000 + 10 * 310_000);
        expect(rest.requests).toBeLessThanOrEqual(12 + 10);
      }
      await server.close();
    }
  });
});

describe("open, all metadata and one chunk of 100,000 that are not sharded", () => {
  const SIZE = 100 * KB;
  /** A level of 10 × 100 × 80 chunks, another of 10 × 50 × 40; those that are read have bytes. */
  const read = ["0/c/0/0/0", "0/c/9/57/13", "0/c/3/99/79", "0/c/0/1/0", "1/c/5/20/7", "1/c/9/49/39"];
  const chunksOf = (level: number, y: number, x: number): LargeEntry[] =>
    Array.from({ length: 10 * y * x }, (_, at) => {
      const name = `${level}/c/${Math.floor(at / (y * x))}/${Math.floor(at / x) % y}/${at % x}`;
      return { name, size: read.includes(name) ? SIZE : 0 };
    });
  const entries = [
    groupDocument("", { ome: { version: "0.5" } }),
    arrayEntry("0", [10, 100, 80]),
    arrayEntry("1", [10, 50, 40]),
    ...chunksOf(0, 100, 80),
    ...chunksOf(1, 50, 40),
  ];
  let archive: Uint8Array;
  beforeAll(async () => {
    archive = await largeArchive(entries);
  });

  test.for(read)("%s: at most 5 requests, 4 for the first, and 1 MB", async (name) => {
    server = await startRangeServer(archive);
    const store = await openUrl(server);
    expect((await readHierarchy(store)).nodes.size).toBe(3);
    expectBytes(await store.get(`/${name}`), bytesFor(name, SIZE));
    const { requests, bytes } = countRequests(server);
    expect(requests).toBeLessThanOrEqual(name === read[0] ? 4 : 5);
    expect(bytes).toBeLessThanOrEqual(1024 * KB);
  });

  test("what is not where it would be is looked for everywhere", async () => {
    const last = entries.at(-1);
    const shuffled = [...entries.slice(0, 40_000), ...(last ? [last] : []), ...entries.slice(40_000, -1)];
    server = await startRangeServer(await largeArchive(shuffled));
    const store = await openUrl(server);
    expectBytes(await store.get("/1/c/9/49/39"), bytesFor("1/c/9/49/39", SIZE));
    expect(await store.get("/0/c/10/0/0")).toBeUndefined();
    expectBytes(await store.get("/0/c/9/57/13"), bytesFor("0/c/9/57/13", SIZE));
  });

  test("so are chunks of which no document tells", async () => {
    const untold = [...entries.slice(0, 1), ...entries.slice(3)];
    server = await startRangeServer(await largeArchive(untold));
    const store = await openUrl(server);
    for (const name of read) expectBytes(await store.get(`/${name}`), bytesFor(name, SIZE));
    expect(countRequests(server).bytes).toBeLessThan(read.length * SIZE + 4000 * KB);
  });
});

/** The document of an array of chunks of one value each. */
function arrayEntry(path: string, shape: readonly number[]): LargeEntry {
  const document = arrayDocument({ shape: [...shape], chunks: shape.map(() => 1) });
  const data = encodeJson(document);
  return { name: `${path}/zarr.json`, size: data.length, data };
}

describe("chunks that are not sharded", () => {
  const SIZE = 32 * KB;
  const entries: LargeEntry[] = [
    groupDocument(""),
    ...Array.from({ length: 200 }, (_, i) => ({ name: `0/c/${i}`, size: SIZE })),
  ];

  test("one of them, once the directory is there: 1 request of its size and header", async () => {
    server = await startRangeServer(await largeArchive(entries));
    const store = await openUrl(server);
    const before = server.requests.length;
    expectBytes(await store.get("/0/c/7"), bytesFor("0/c/7", SIZE));
    const { requests, bytes } = countRequests(server, before);
    expect(requests).toBe(1);
    expect(bytes).toBe(SIZE + 30 + "0/c/7".length + 20);
  });

  test.for([SIZE, 200 * KB])(
    "48 neighbours of %d bytes at once: 12 requests, 1.2 times their size",
    async (size) => {
      const many = entries.map((entry) => (entry.data ? entry : { ...entry, size })).slice(0, 60);
      server = await startRangeServer(await largeArchive(many));
      const store = await openUrl(server);
      const before = server.requests.length;
      const keys = Array.from({ length: 48 }, (_, i): AbsolutePath => `/0/c/${i}`);
      const chunks = await Promise.all(keys.map((key) => store.get(key)));
      for (const [i, key] of keys.entries()) expectBytes(chunks[i], bytesFor(key.slice(1), size));
      const counted = countRequests(server, before);
      expect(counted.requests).toBeLessThanOrEqual(12);
      expect(counted.bytes).toBeLessThanOrEqual(1.2 * 48 * size);
    },
  );
});

describe("inner chunks of a shard", () => {
  const SIZE = 600 * KB;
  const shards: LargeEntry[] = Array.from({ length: 4 }, (_, i) => ({ name: `0/c/${i}`, size: SIZE }));

  test("the first: index and chunk; later ones: the chunk", async () => {
    server = await startRangeServer(await largeArchive([groupDocument(""), ...shards]));
    const store = await openUrl(server);
    await store.get("/zarr.json");
    const before = server.requests.length;
    const shard = bytesFor("0/c/1", SIZE);
    expect(await store.getRange("/0/c/1", { suffixLength: 1028 })).toEqual(shard.subarray(-1028));
    expect(await store.getRange("/0/c/1", { offset: 300_000, length: 9000 })).toEqual(
      shard.subarray(300_000, 309_000),
    );
    expect(countRequests(server, before)).toEqual({ requests: 2, bytes: 1028 + 9000 });
    expect(await store.getRange("/0/c/1", { offset: 100_000, length: 9000 })).toEqual(
      shard.subarray(100_000, 109_000),
    );
    expect(countRequests(server, before)).toEqual({ requests: 3, bytes: 1028 + 18_000 });
  });

  test("so it is through zarrita", async () => {
    const image = await sampleStore({
      shards: true,
      codec: "none",
      size: { c: 1, z: 1, y: 1024, x: 1024 },
      chunk: 128,
      levels: 1,
    });
    const sink = memorySink("image.ozx");
    await runTransfer(await planTransfer(image, ozxFormat), ozxFormat.target(sink));
    server = await startRangeServer(sink.bytes());
    const level = await zarr.open.v3(zarr.root(await openUrl(server)).resolve("0"), { kind: "array" });
    const expected = await zarr.open.v3(zarr.root(image).resolve("0"), { kind: "array" });
    const before = server.requests.length;
    for (const [at, requests] of [
      [0, 2],
      [1, 3],
    ] as const) {
      const part = [0, 0, zarr.slice(0, 128), zarr.slice(at * 128, at * 128 + 128)];
      expect((await zarr.get(level, part)).data).toEqual((await zarr.get(expected, part)).data);
      expect(countRequests(server, before).requests).toBe(requests);
    }
    expect(countRequests(server, before).bytes).toBeLessThan(2 * 128 * 128 * 2 + 4 * KB);
  });

  test("until a header was seen nothing is presumed of others", async () => {
    const archive = await largeArchive([groupDocument(""), ...shards]);
    server = await startRangeServer(archive);
    const store = await openZipStore(await openHttpSource(server.url));
    const before = server.requests.length;
    const end = await store.getRange("/0/c/2", { suffixLength: 16 });
    expect(end).toEqual(bytesFor("0/c/2", SIZE).subarray(-16));
    expect(countRequests(server, before).requests).toBe(2);
    expect(countRequests(server, before).bytes).toBeLessThan(HEADERS);
    // Now one was.
    await store.getRange("/0/c/1", { suffixLength: 16 });
    expect(countRequests(server, before).requests).toBe(3);
  });
});
