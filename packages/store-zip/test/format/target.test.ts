import type { AbsolutePath } from "@ozx/core";
import {
  type ByteSink,
  type EntryProducer,
  type GeneratedEntry,
  memorySink,
  memorySource,
  memoryStore,
  type Progress,
} from "@ozx/core/container";
import { describe, expect, test } from "vitest";
import { openOzx, ozxFormat } from "../../src/index.js";
import { openArchive } from "../../src/read/archive.js";
import { parseComment } from "../../src/rfc9/archive-comment.js";
import { checkArchive } from "../../src/rules/check-archive.js";
import { ascii } from "../fixtures/bytes.js";

const document = (attributes: object, more = {}): Uint8Array =>
  ascii(JSON.stringify({ zarr_format: 3, node_type: "group", attributes, ...more }));

async function write(contents: Record<AbsolutePath, Uint8Array>, sink: ByteSink): Promise<void> {
  const map = new Map(Object.entries(contents) as [AbsolutePath, Uint8Array][]);
  const entries = [...map].map(([key, { length }]) => ({ key, size: length, content: key }));
  await ozxFormat.target(sink).write({ source: memoryStore(map, "image.zarr"), entries });
}

function sinkThatCounts(): ByteSink & { discards: number; writes: number } {
  const sink = {
    ...memorySink(),
    discards: 0,
    writes: 0,
    async write() {
      sink.writes++;
    },
    async discard() {
      sink.discards++;
    },
  };
  return sink;
}

describe("writing an .ozx", () => {
  test.for(["0.5", "0.6rc0", "0.10"])("its comment repeats the version %s of the image", async (version) => {
    const sink = memorySink();
    await write({ "/zarr.json": document({ ome: { version } }) }, sink);
    const archive = await openArchive(memorySource(sink.bytes()));
    expect(parseComment(archive.end.comment)).toEqual({ version, jsonFirst: true });
  });

  test.for([
    ["there is no zarr.json at the root", { "/a/zarr.json": document({}) }, "InvalidMetadata"],
    ["the root has no version", { "/zarr.json": document({ ome: {} }) }, "InvalidMetadata"],
    ["the version is no text", { "/zarr.json": document({ ome: { version: 0.5 } }) }, "InvalidMetadata"],
    ["the root is no OME-Zarr", { "/zarr.json": document({}) }, "InvalidMetadata"],
    ["the root is no JSON", { "/zarr.json": ascii("{") }, "InvalidMetadata"],
    ["the root is a list", { "/zarr.json": ascii("[]") }, "InvalidMetadata"],
    [
      "another archive lies in it",
      { "/zarr.json": document({ ome: { version: "0.5" } }), "/a/Old.OZX": ascii("PK") },
      "Unsupported",
    ],
    [
      "a key would leave the folder it is unpacked to",
      { "/zarr.json": document({ ome: { version: "0.5" } }), "/a/../../x": ascii("x") },
      "UnsafeName",
    ],
  ] as const)("is refused where %s, and nothing is written", async ([, contents, tag]) => {
    const sink = sinkThatCounts();
    await expect(write(contents as unknown as Record<AbsolutePath, Uint8Array>, sink)).rejects.toMatchObject({
      _tag: tag,
      location: "image.zarr",
    });
    expect(sink).toMatchObject({ discards: 1, writes: 0 });
  });
});

/** Entries in an order that no archive should have. */
function producer(generated: readonly GeneratedEntry[]): EntryProducer {
  return {
    entries: generated.length,
    bytes: 0,
    async *produce() {
      yield* generated;
    },
  };
}

async function* inBlocks(...blocks: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* blocks;
}

async function findingsOf(bytes: Uint8Array): Promise<string[]> {
  const findings: string[] = [];
  for await (const { rule } of checkArchive(memorySource(bytes, "a.ozx"))) findings.push(rule);
  return findings;
}

describe("an .ozx that grows", () => {
  const root = document({ ome: { version: "0.5" } });
  const child = document({});

  test.for(["/a/../../x", "/a\\x", "//x"] as const)(
    "refuses the key %s, which readers refuse",
    async (key) => {
      const writer = await ozxFormat.target(memorySink("a.ozx")).begin?.();
      await expect(writer?.add({ key, bytes: child })).rejects.toMatchObject({
        _tag: "UnsafeName",
        path: key,
      });
    },
  );

  test("has metadata first in its directory, in whatever order entries were added", async () => {
    const sink = memorySink();
    const writer = await ozxFormat.target(sink).begin?.();
    await writer?.add({ key: "/0/c/0", bytes: inBlocks(ascii("some"), ascii(" data")) });
    await writer?.add({ key: "/0/zarr.json", bytes: child });
    await writer?.add({ key: "/zarr.json", bytes: inBlocks(root) });
    await writer?.commit();
    const store = await openOzx(memorySource(sink.bytes()));
    const keys: string[] = [];
    for await (const { key } of store.list()) keys.push(key);
    expect(keys).toEqual(["/zarr.json", "/0/zarr.json", "/0/c/0"]);
    expect(await store.get("/0/c/0")).toEqual(ascii("some data"));
    expect(parseComment((await store.loadArchive()).end.comment)).toEqual({
      version: "0.5",
      jsonFirst: true,
    });
    expect(await findingsOf(sink.bytes())).not.toContain("jsonfirst-true-but-false");
  });

  test("has what is known beforehand first, then what is made", async () => {
    const map = new Map<AbsolutePath, Uint8Array>([
      ["/zarr.json", root],
      ["/1/c/1", ascii("b")],
      ["/1/zarr.json", child],
    ]);
    const entries = [...map].map(([key, { length }]) => ({ key, size: length, content: key }));
    const sink = memorySink();
    const generated = producer([
      { key: "/1/c/2", bytes: ascii("c") },
      { key: "/1/c/0", bytes: inBlocks(ascii("a")) },
    ]);
    const seen: Progress[] = [];
    await ozxFormat
      .target(sink)
      .write(
        { source: memoryStore(map, "image.zarr"), entries, generated },
        { onProgress: (done) => seen.push(done) },
      );
    const store = await openOzx(memorySource(sink.bytes()));
    const keys: string[] = [];
    for await (const { key } of store.list()) keys.push(key);
    expect(keys).toEqual(["/zarr.json", "/1/zarr.json", "/1/c/0", "/1/c/1", "/1/c/2"]);
    for (const [at, text] of ["a", "b", "c"].entries()) {
      expect(await store.get(`/1/c/${at}`)).toEqual(ascii(text));
    }
    expect(seen.at(-1)).toEqual({ entries: 5, bytes: root.length + child.length + 3 });
    expect(new Set(await findingsOf(sink.bytes()))).toEqual(new Set(["unknown-files"]));
  });

  test.for<[string, GeneratedEntry, string | RegExp]>([
    ["stands twice", { key: "/zarr.json", bytes: root }, /twice/],
    ["is an archive", { key: "/old.ozx", bytes: ascii("PK") }, /contains the archive/],
  ])(
    "is refused, and the sink discarded once, where an entry that is generated %s",
    async ([, bad, message]) => {
      const sink = sinkThatCounts();
      const map = new Map<AbsolutePath, Uint8Array>([["/zarr.json", root]]);
      const entries = [{ key: "/zarr.json", size: root.length, content: "/zarr.json" }] as const;
      const job = { source: memoryStore(map, "image.zarr"), entries, generated: producer([bad]) };
      await expect(ozxFormat.target(sink).write(job)).rejects.toThrow(message);
      expect(sink.discards).toBe(1);
    },
  );

  test("is discarded, once, and not committed, whichever write fails and wherever it is aborted", async () => {
    const map = new Map<AbsolutePath, Uint8Array>([
      ["/zarr.json", root],
      ["/0/c/9", new Uint8Array(1_500_000)],
    ]);
    const entries = [...map].map(([key, { length }]) => ({ key, size: length, content: key }));
    const big = new Uint8Array(1_200_000);
    const generated = (): EntryProducer =>
      producer([
        { key: "/0/c/0", bytes: inBlocks(big, big) },
        { key: "/0/c/1", bytes: ascii("small") },
        { key: "/0/c/2", bytes: big },
      ]);
    const full = new Error("no space left");
    let writes = 0;
    for (let failing = 0; failing <= writes; failing++) {
      for (const abort of [false, true]) {
        const controller = new AbortController();
        const ended: string[] = [];
        writes = 0;
        const sink: ByteSink = {
          ...memorySink(),
          async write() {
            if (writes++ !== failing) return;
            if (!abort) throw full;
            controller.abort();
          },
          async commit() {
            ended.push("commit");
          },
          async discard() {
            ended.push("discard");
          },
        };
        const job = { source: memoryStore(map, "image.zarr"), entries, generated: generated() };
        const error: unknown = await ozxFormat
          .target(sink)
          .write(job, { signal: controller.signal })
          .then(
            () => undefined,
            (reason: unknown) => reason,
          );
        if (writes <= failing) expect({ error, ended }).toEqual({ error: undefined, ended: ["commit"] });
        else {
          expect(ended).toEqual(["discard"]);
          if (abort) expect(error).toMatchObject({ name: "AbortError" });
          else expect(error).toBe(full);
        }
      }
    }
    expect(writes).toBeGreaterThan(5);
  });

  test("cannot be ended without the metadata of its root", async () => {
    const writer = await ozxFormat.target(memorySink("new.ozx")).begin?.();
    await writer?.add({ key: "/0/zarr.json", bytes: child });
    await expect(writer?.commit()).rejects.toMatchObject({ _tag: "InvalidMetadata", location: "new.ozx" });
    await writer?.discard();
  });
});
