import type { AbsolutePath } from "@ozx/core";
import { memorySink, memorySource, memoryStore } from "@ozx/core/container";
import { sampleMap } from "@ozx/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ozxFormat } from "../../src/index.js";
import { rfc9Order } from "../../src/rfc9/document-order.js";
import { openZipStore } from "../fixtures/open-zip.js";
import { expectBytes } from "../fixtures/same-bytes.js";

const ORDERED: readonly AbsolutePath[] = [
  "/zarr.json",
  "/2/zarr.json",
  "/10/zarr.json",
  "/labels/zarr.json",
  "/labels/cells/zarr.json",
  "/labels/cells/0/zarr.json",
  "/2/c/0/0",
  "/2/c/0/2",
  "/2/c/0/10",
  "/2/c/9/0",
  "/10/c/0/0",
  "/labels/cells/0/c/0",
  "/thumbnail.png",
  "/zarr.json.bak",
];

const inputs = (keys: readonly AbsolutePath[]) =>
  keys.map((key) => ({ key, size: 0, content: new Uint8Array(0) }));

describe("the order of entries", () => {
  test("is documents breadth-first, the root first, then the others with numbers by their value", async () => {
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray([...ORDERED], { minLength: ORDERED.length }), async (keys) => {
        expect((await rfc9Order(inputs(keys))).map(({ key }) => key)).toEqual(ORDERED);
      }),
    );
  });

  test("does not change its input", async () => {
    const original = inputs([...ORDERED].reverse());
    const before = [...original];
    await rfc9Order(original);
    expect(original).toEqual(before);
  });

  test("also of keys that only differ in leading zeros, in case or in what follows is always the same", async () => {
    const keys: AbsolutePath[] = [
      "/a/01",
      "/a/1",
      "/A/1",
      "/a.b",
      "/a",
      "/a/b",
      "/a-/1",
      "/a/001",
      "/ä",
      "/a\u0308",
    ];
    const first = await rfc9Order(inputs(keys));
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(keys, { minLength: keys.length }), async (shuffled) => {
        expect(await rfc9Order(inputs(shuffled))).toEqual(first);
      }),
    );
  });
});

describe("an .ozx", () => {
  test("is the same bytes in whatever order its entries come", async () => {
    const contents = await sampleMap({ size: { c: 2, z: 1, y: 32, x: 32 }, levels: 2, chunk: 16 });
    const source = memoryStore(contents);
    const write = async (entries: readonly (readonly [AbsolutePath, Uint8Array])[]): Promise<Uint8Array> => {
      const sink = memorySink();
      await ozxFormat.target(sink).write({
        source,
        entries: entries.map(([key, { length }]) => ({ key, size: length, content: key })),
      });
      return sink.bytes();
    };
    const entries = [...contents];
    const first = await write(entries);
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(entries, { minLength: entries.length }), async (shuffled) => {
        expectBytes(await write(shuffled), first);
      }),
      { numRuns: 20 },
    );
    const store = await openZipStore(memorySource(first));
    const keys: string[] = [];
    for await (const { key } of store.list()) keys.push(key);
    expect(keys[0]).toBe("/zarr.json");
    const documents = keys.filter((key) => key.endsWith("/zarr.json"));
    expect(keys.slice(0, documents.length)).toEqual(documents);
    for (const [key, value] of contents) expectBytes(await store.get(key), value);
  });
});
