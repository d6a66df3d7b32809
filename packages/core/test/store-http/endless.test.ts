import { openOmeZarr, openStore, readHierarchy, type Store } from "@ozx/core";
import { memoryStore } from "@ozx/core/container";
import { validateOmeZarr } from "@ozx/core/validate";
import {
  type EndlessOptions,
  type EndlessServer,
  encodeJson,
  imageMetadata,
  smallImage,
  startEndlessServer,
} from "@ozx/testing";
import { afterEach, describe, expect, test } from "vitest";
import { inlineWorkers } from "../../src/workers/chunk-tasks.js";

const MB = 1_000_000;

let server: EndlessServer | undefined;
afterEach(() => server?.close());

/** An image of one chunk of 128 kB, whose values are endless where this says so. */
async function serve(
  endless: Readonly<Record<string, EndlessOptions>>,
  document: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const values = smallImage(
    { "/": imageMetadata("yx") },
    { "/0": { shape: [256, 256], document: { dimension_names: ["y", "x"], ...document } } },
  );
  server = await startEndlessServer((path) => {
    const key = path.replace(/^\/image\.zarr/, "");
    return endless[key] ?? values.get(key as "/");
  });
  return server.url;
}

async function open(url: string, maxMetadata?: number): Promise<Store> {
  return openStore(url, { formats: [], maxMetadata });
}

describe.for([
  ["whose length nobody knows", {}],
  ["that is declared as 5 GB", { declared: 5000 * MB }],
] as [string, EndlessOptions][])("a body without end, %s,", ([, body]) => {
  const isDeclared = body.declared !== undefined;

  test("of the root's metadata is no more than metadata may be", async () => {
    const url = await serve({ "/zarr.json": { ...body, filler: '{"a":1,' } });
    await expect(openOmeZarr(url, { formats: [] })).rejects.toMatchObject({
      _tag: "InvalidMetadata",
      path: "zarr.json",
      message: expect.stringMatching(
        /has (?:more than 64\.0 MB|5\.0 GB), and metadata is read up to 64\.0 MB/,
      ),
    });
    expect(server?.sent).toBeLessThan(isDeclared ? 10 * MB : 90 * MB);
  });

  test("of a level's metadata, with another limit", async () => {
    const url = await serve({ "/0/zarr.json": body });
    const opening = openOmeZarr(url, { formats: [], maxMetadata: 2 * MB });
    await expect(opening).rejects.toMatchObject({
      _tag: "InvalidMetadata",
      message: expect.stringContaining("read up to 2.0 MB"),
    });
    expect(server?.sent).toBeLessThan(12 * MB);
  });

  test("of a chunk is no more than a chunk can have", async () => {
    const url = await serve({ "/0/c/0/0": body });
    for (const workers of [undefined, inlineWorkers()]) {
      const image = await openOmeZarr(url, { formats: [], workers });
      await expect(image.images[0]?.level(0).read()).rejects.toMatchObject({
        _tag: "CorruptData",
        message: expect.stringMatching(/0\/c\/0\/0 in .* has .*, though at most 328 kB make sense/),
      });
    }
    expect(server?.sent).toBeLessThan(30 * MB);
  });

  test("of a chunk is a finding", async () => {
    const store = await open(await serve({ "/0/c/0/0": body }));
    const report = await validateOmeZarr(store, { formats: [], deep: true });
    const errors = report.groups.filter(({ severity }) => severity === "error");
    expect(errors).toMatchObject([{ rule: "chunk-decodes", examples: [{ where: "/0/c/0/0" }] }]);
    expect(server?.sent).toBeLessThan(20 * MB);
  });

  test("of a value that the caller limits", async () => {
    const store = await open(await serve({ "/0/c/0/0": body }));
    await expect(store.get("/0/c/0/0", { atMost: MB })).rejects.toMatchObject({ _tag: "CorruptData" });
    expect(server?.sent).toBeLessThan(10 * MB);
  });

  test("of a part of a value", async () => {
    const store = await open(await serve({ "/0/c/0/0": { ...body } }));
    const part = store.getRange("/0/c/0/0", { offset: 0, length: 1000 });
    await expect(part).rejects.toMatchObject({ location: expect.stringContaining("/0/c/0/0") });
    expect(server?.sent).toBeLessThan(10 * MB);
  });
});

test("an index that is larger than any is not read", async () => {
  const bytes = { name: "bytes", configuration: { endian: "little" } };
  const sharding = {
    name: "sharding_indexed",
    configuration: { chunk_shape: [1, 1], codecs: [bytes], index_codecs: [bytes] },
  };
  const grid = { name: "regular", configuration: { chunk_shape: [65536, 65536] } };
  const url = await serve(
    { "/0/c/0/0": {} },
    { shape: [65536, 65536], codecs: [sharding], chunk_grid: grid },
  );
  for (const workers of [undefined, inlineWorkers()]) {
    const image = await openOmeZarr(url, { formats: [], workers });
    await expect(image.images[0]?.level(0).read({ y: 0, x: 0 })).rejects.toMatchObject({
      _tag: "Unsupported",
      message: expect.stringContaining("the index of its chunks has 68.7 GB"),
    });
  }
  expect(server?.sent).toBe(0);
});

test("documents that are small each, and too many together", async () => {
  const levels = Array.from({ length: 40 }, (_, level) => String(level));
  const array = { zarr_format: 3, node_type: "group", attributes: { filler: "x".repeat(90_000) } };
  const root = { zarr_format: 3, node_type: "group", attributes: { ome: imageMetadata("yx", levels) } };
  server = await startEndlessServer((path) => {
    const level = /^\/image\.zarr\/(\d+)\/zarr\.json$/.exec(path)?.[1];
    if (path === "/image.zarr/zarr.json") return encodeJson(root);
    return level === undefined ? undefined : encodeJson({ ...array, level });
  });
  await expect(readHierarchy(await open(server.url, 100_000))).rejects.toMatchObject({
    _tag: "Unsupported",
    message: expect.stringContaining("more metadata than fits into memory"),
  });
});

test("the limit of metadata holds for every kind of store, and can be raised", async () => {
  const large = encodeJson({ zarr_format: 3, node_type: "group", attributes: { text: "x".repeat(200_000) } });
  const small = { ...memoryStore(new Map([["/zarr.json", large]])), maxMetadata: 100_000 };
  const { broken } = await readHierarchy(small);
  expect(broken).toMatchObject([{ path: "/", error: { _tag: "InvalidMetadata" } }]);
  expect(broken[0]?.error.message).toMatch(/has 200 kB, and metadata is read up to 100 kB: .*--max-metadata/);
  const more = { ...small, maxMetadata: 300_000 };
  expect((await readHierarchy(more)).nodes.get("/")).toMatchObject({ kind: "group" });
});

test.for([0, -1, Number.NaN])("metadata of at most %d bytes is a mistake", async (maxMetadata) => {
  const url = await serve({});
  await expect(openOmeZarr(url, { formats: [], maxMetadata })).rejects.toMatchObject({ _tag: "Usage" });
});
