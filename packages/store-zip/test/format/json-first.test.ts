import { type AbsolutePath, type ByteSource, readHierarchy } from "@ozx/core";
import { memorySource } from "@ozx/core/container";
import { beforeAll, describe, expect, test } from "vitest";
import { openOzx } from "../../src/index.js";
import { ascii } from "../fixtures/bytes.js";
import { bytesFor, groupDocument, type LargeEntry, largeArchive } from "../fixtures/large-archive.js";
import { countingSource } from "../fixtures/watched-source.js";

/** Enough entries for a directory that is worth not to be read. */
const CHUNKS: readonly LargeEntry[] = Array.from({ length: 18_000 }, (_, i) => ({
  name: `0/c/${i >> 8}/${i & 255}`,
  size: i % 3000 === 7 ? 500 : 0,
}));
const ROOT = groupDocument("", { ome: { version: "0.5" } });
const HEAD: readonly LargeEntry[] = [ROOT, groupDocument("0"), groupDocument("labels")];
const CHUNK: AbsolutePath = "/0/c/11/191";
const CHUNK_BYTES = bytesFor(CHUNK.slice(1), 500);

/** A source far away, as it is without blocking reads. */
async function openFar(bytes: Uint8Array, options?: Parameters<typeof openOzx>[1]) {
  const { source, read } = countingSource(memorySource(bytes, "far.ozx"));
  return { store: await openOzx(source, options), read };
}

/** An archive whose central header of `from` has the name of another entry, of the same length. */
function renamed(archive: Uint8Array, from: string, to: string): Uint8Array {
  const bytes = archive.slice();
  const changed = Buffer.from(bytes.buffer);
  for (let at = changed.indexOf(from); at >= 0; at = changed.indexOf(from, at + 1)) changed.write(to, at);
  return bytes;
}

let archive: Uint8Array;
beforeAll(async () => {
  archive = await largeArchive([...HEAD, ...CHUNKS]);
});

describe("an archive that has its metadata first, far away", () => {
  test("tells all metadata from its tail, its directory's head and one read of documents", async () => {
    const { store, read } = await openFar(archive);
    expect([...(await readHierarchy(store)).nodes.keys()]).toEqual(["/", "/0", "/labels"]);
    expect(await store.getRange("/0/zarr.json", { suffixLength: 1 })).toEqual(ascii("}"));
    expect(read.calls).toBe(3);
    expect(read.bytes).toBeLessThan(400 * 1024);
  });

  test("tells what is not there of documents without the rest", async () => {
    const { store, read } = await openFar(archive);
    const { calls } = read;
    for (const key of ["/1/zarr.json", "/.zattrs", "/0/.zarray", "/.zgroup", "/.zmetadata"] as const) {
      expect(await store.get(key)).toBeUndefined();
    }
    expect(read.calls).toBe(calls);
  });

  test("reads the rest once for all who ask for something else at the same time", async () => {
    const { store, read } = await openFar(archive);
    const { bytes } = read;
    const asked = await Promise.all(
      (["/nowhere", CHUNK, "/nothing", "/0/c/0/7"] as const).map((key) => store.get(key)),
    );
    expect(asked).toEqual([undefined, CHUNK_BYTES, undefined, bytesFor("0/c/0/7", 500)]);
    expect(read.bytes - bytes).toBeLessThan(archive.length);
    let keys = 0;
    for await (const _ of store.list()) keys++;
    expect(keys).toBe(HEAD.length + CHUNKS.length);
    expect(store.findings).toEqual([]);
  });

  test("a call that is aborted stops waiting, and the others do not", async () => {
    const { store } = await openFar(archive);
    const controller = new AbortController();
    const aborted = store.get(CHUNK, { signal: controller.signal });
    const other = store.get(CHUNK);
    controller.abort();
    await expect(aborted).rejects.toMatchObject({ name: "AbortError" });
    expect(await other).toEqual(CHUNK_BYTES);
  });

  test("when all calls are aborted the read stops, and the next call resumes it", async () => {
    const { store } = await openFar(archive);
    const controller = new AbortController();
    const asked = [CHUNK, "/nothing" as const].map((key) => store.get(key, { signal: controller.signal }));
    controller.abort();
    for (const one of asked) await expect(one).rejects.toMatchObject({ name: "AbortError" });
    expect(await store.get(CHUNK)).toEqual(CHUNK_BYTES);
  });

  test("a failed read is repeated by the next call", async () => {
    const far = countingSource(memorySource(archive));
    let failing = false;
    const source: ByteSource = {
      ...far.source,
      async read(...read) {
        if (failing) throw new Error("the network is down");
        return far.source.read(...read);
      },
    };
    const store = await openOzx(source);
    failing = true;
    await expect(store.get(CHUNK)).rejects.toThrow("the network is down");
    await expect(store.get("/zarr.json")).rejects.toThrow("the network is down");
    failing = false;
    expect(await store.get(CHUNK)).toEqual(CHUNK_BYTES);
    expect(await store.get("/zarr.json")).toEqual(ROOT.data);
  });

  test("is opened by its whole directory when that is asked for", async () => {
    for (const options of [{ wholeIndex: true }, { shareIndex: true }]) {
      const { store, read } = await openFar(archive, options);
      const { calls } = read;
      expect(await store.get("/nothing")).toBeUndefined();
      expect(read.calls).toBe(calls);
    }
  });

  test("with more documents than the first part of the head holds", async () => {
    const documents = Array.from({ length: 5000 }, (_, i) => groupDocument(`field-${i}`));
    const { store, read } = await openFar(await largeArchive([ROOT, ...documents, ...CHUNKS]));
    const keys: AbsolutePath[] = [];
    for await (const { key } of store.list({ names: ["zarr.json"] })) keys.push(key);
    expect(keys).toEqual(["/zarr.json", ...documents.map(({ name }) => `/${name}`)]);
    expect(await store.get("/field-4999/zarr.json")).toEqual(documents[4999]?.data);
    expect(read.calls).toBe(4);
  });
});

describe("an archive that says falsely that its metadata comes first", () => {
  const LATE = "late/zarr.json";

  test("answers correctly once the rest is read, with a finding", async () => {
    const { store } = await openFar(
      await largeArchive([...HEAD, ...CHUNKS.slice(0, 9000), groupDocument("late"), ...CHUNKS.slice(9000)]),
    );
    expect(await store.get(`/${LATE}`)).toBeUndefined();
    expect(await store.get(CHUNK)).toEqual(CHUNK_BYTES);
    expect(store.findings).toEqual([]);
    expect(await store.get("/nothing")).toBeUndefined();
    expect(await store.get(CHUNK)).toEqual(CHUNK_BYTES);
    expect(store.findings).toMatchObject([{ rule: "jsonfirst-true-but-false", where: `/${LATE}` }]);
    expect(await store.get(`/${LATE}`)).toEqual(groupDocument("late").data);
  });

  test("where a later document replaces one that was returned, all reads fail", async () => {
    const entries = [
      ...HEAD,
      ...CHUNKS.slice(0, 9000),
      groupDocument("labelz", { other: true }),
      ...CHUNKS.slice(9000),
    ];
    const twice = renamed(await largeArchive(entries), "labelz/zarr.json", "labels/zarr.json");
    const { store } = await openFar(twice);
    expect(await store.get("/labels/zarr.json")).toEqual(groupDocument("labels").data);
    for (const key of ["/nothing", CHUNK] as const) {
      await expect(store.get(key)).rejects.toMatchObject({
        _tag: "InvalidArchive",
        path: "labels/zarr.json",
      });
    }
    const { store: careful } = await openFar(twice, { wholeIndex: true });
    expect(await careful.get("/labels/zarr.json")).toEqual(groupDocument("labelz", { other: true }).data);
    const { store: late } = await openFar(twice);
    await late.get("/nothing");
    expect(await late.get("/labels/zarr.json")).toEqual(groupDocument("labelz", { other: true }).data);
    expect(late.findings).toHaveLength(1);
  });

  test("and shows it at once is read whole", async () => {
    for (const entries of [
      [...CHUNKS, ...HEAD],
      [groupDocument("0"), ROOT, ...CHUNKS],
      [ROOT, ...CHUNKS, groupDocument("0"), groupDocument("labels")],
    ]) {
      const { store } = await openFar(await largeArchive(entries));
      expect(await store.get(CHUNK)).toEqual(CHUNK_BYTES);
      expect(await store.get("/0/zarr.json")).toEqual(groupDocument("0").data);
      expect(await store.get("/zarr.json")).toEqual(ROOT.data);
    }
  });
});

describe("metadata is not read from the head", () => {
  test("where the comment does not say so", async () => {
    const { store, read } = await openFar(await largeArchive([...HEAD, ...CHUNKS], ascii("{}")));
    const { calls } = read;
    expect(await store.get("/nothing")).toBeUndefined();
    expect(read.calls).toBe(calls);
  });

  test("where documents do not lie one behind the other", async () => {
    const apart = Buffer.from(archive);
    // The second document's header, further on than it is.
    const header = apart.lastIndexOf("0/zarr.json") - 46;
    apart.writeBigUInt64LE(
      apart.readBigUInt64LE(header + 46 + 11 + 4 + 16) + 100n,
      header + 46 + 11 + 4 + 16,
    );
    const { store } = await openFar(new Uint8Array(apart));
    await expect(store.get("/0/zarr.json")).rejects.toMatchObject({ _tag: "InvalidArchive" });
    expect(await store.get(CHUNK)).toEqual(CHUNK_BYTES);
  });
});

test("a directory that is damaged behind its head spoils no metadata, and nothing is read by it", async () => {
  const damaged = Buffer.from(archive);
  // In what is read with the rest, and neither with the head nor with the tail.
  const at = damaged.lastIndexOf("0/c/30/100") - 46;
  damaged.fill(0, at, at + 46);
  const { store } = await openFar(new Uint8Array(damaged));
  expect([...(await readHierarchy(store)).nodes.keys()]).toEqual(["/", "/0", "/labels"]);
  for (let i = 0; i < 2; i++) {
    await expect(store.get("/nothing")).rejects.toMatchObject({ _tag: "InvalidArchive" });
  }
});
