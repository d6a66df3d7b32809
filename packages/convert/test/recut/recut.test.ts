import { type AbsolutePath, type JsonObject, readHierarchy, type Store } from "@ozx/core";
import { concatBytes, type EntryProducer } from "@ozx/core/container";
import { checkOme, checkSchema } from "@ozx/core/validate";
import { readValues, type SampleOptions, sampleStore, testSample } from "@ozx/testing";
import { describe, expect, test } from "vitest";
import {
  type PlanOptions,
  planTransfer,
  runTransfer,
  selectView,
  type TransferSelection,
  verifyStores,
} from "../../src/index.js";
import { memoryTarget } from "../support/memory-target.js";
import { part } from "../support/part-of.js";
import { countingStore, sparseImage } from "../support/sparse-image.js";
import { contentOf, jsonOf } from "../support/store-content.js";

const SMALL: SampleOptions = { size: { c: 2, z: 5, y: 70, x: 90 }, levels: 2, chunk: 32 };

/** Takes a part and writes it, as `convert` does, and compares it with what was asked for. */
async function take(source: Store, selection: TransferSelection, options: PlanOptions = {}): Promise<Store> {
  const target = memoryTarget();
  const view = await selectView(source, selection);
  const plan = await planTransfer(view, {}, options);
  await runTransfer(plan, target);
  const differences: unknown[] = [];
  for await (const found of verifyStores(view, target.store, { added: plan.levels })) differences.push(found);
  expect(differences).toEqual([]);
  const faults = (await checkOme(await readHierarchy(target.store))).filter(
    ({ severity }) => severity === "error",
  );
  expect(faults).toEqual([]);
  return target.store;
}

function span(start: number, stop?: number) {
  return { start, stop };
}

async function gridOf(store: Store, path: AbsolutePath): Promise<unknown> {
  const { chunk_grid } = await jsonOf(store, `${path}/zarr.json`);
  return (chunk_grid as { configuration: { chunk_shape: unknown } }).configuration.chunk_shape;
}

const VARIANTS: SampleOptions[] = [
  {},
  { version: "0.4", order: "F", codec: "blosc", separator: "." },
  { shards: true, codec: "blosc" },
  { codec: "none", byteOrder: ">", dtype: "int16" },
  { version: "0.4", codec: "gzip", dtype: "float64" },
  { dtype: "uint32" },
  { dtype: "float32", shards: true },
  { version: "0.4", dtype: "uint8" },
];

describe("other chunks", () => {
  testSample(VARIANTS, 4)("there and back of %j are the same pixels", async (variant) => {
    const source = await sampleStore({ ...SMALL, ...variant });
    const other = await take(source, { chunks: { z: 3, y: 17, x: 64 } });
    const back = await take(other, { chunks: { z: 1, y: 32, x: 32 } });
    for (const path of ["/0", "/1", "/labels/cells/0"] as const) {
      const before = await readValues(source, path);
      expect(await readValues(other, path)).toEqual(before);
      expect(await readValues(back, path)).toEqual(before);
    }
  });

  test("are as large as the level at most, and what has them already is copied", async () => {
    const source = await sampleStore(SMALL);
    const other = await take(source, { chunks: { z: 3, y: 1024, x: 64 } });
    expect(await gridOf(other, "/0")).toEqual([1, 3, 70, 64]);
    expect(await gridOf(other, "/1")).toEqual([1, 3, 35, 45]);
    const same = await selectView(source, { chunks: { z: 1, y: 32, x: 32 } });
    expect((await planTransfer(same, {})).generated).toBeUndefined();
  });

  test("in shards, and with another codec", async () => {
    const source = await sampleStore(SMALL);
    const shard = { z: 4, y: 64, x: 64 };
    const options = { shard, codec: { name: "gzip" } } as const;
    const other = await take(source, { chunks: { z: 2, y: 16, x: 16 } }, options);
    expect(await gridOf(other, "/0")).toEqual([1, 4, 64, 64]);
    expect(await readValues(other, "/0")).toEqual(await readValues(source, "/0"));
    expect(JSON.stringify(await jsonOf(other, "/0/zarr.json"))).toContain("gzip");
  });

  test("keep the shards, in whole chunks", async () => {
    const source = await sampleStore({ ...SMALL, shards: true });
    const [, z, y, x] = (await gridOf(source, "/0")) as [number, number, number, number];
    const other = await take(source, { chunks: { y: 24, x: 24 } });
    const inChunks = (extent: number, shape: number): number => Math.ceil(Math.min(extent, shape) / 24) * 24;
    expect(await gridOf(other, "/0")).toEqual([1, z, inChunks(y, 70), inChunks(x, 90)]);
  });

  test("keep the codec of the input", async () => {
    const source = await sampleStore({ ...SMALL, codec: "blosc" });
    const other = await take(source, { chunks: { y: 24, x: 24 } });
    expect((await jsonOf(other, "/0/zarr.json"))["codecs"]).toEqual([
      expect.objectContaining({ name: "bytes" }),
      expect.objectContaining({ name: "blosc" }),
    ]);
  });

  test("of chunks that are not stored are not stored", async () => {
    const source = sparseImage({
      shape: [64, 64],
      chunks: [16, 16],
      fill: 7,
      stored: { "0,0": (k) => k % 250, "3,2": () => 1 },
    });
    const other = await take(source, { chunks: { y: 8, x: 24 } });
    const keys = [...(await contentOf(other)).keys()].filter((key) => key.startsWith("/0/c/"));
    expect(keys).toEqual(["/0/c/0/0", "/0/c/1/0", "/0/c/6/1", "/0/c/7/1"]);
    expect(await readValues(other, "/0")).toEqual(await readValues(source, "/0"));
    const sharded = await take(source, { chunks: { y: 8, x: 8 } }, { shard: { y: 16, x: 16 } });
    expect(await readValues(sharded, "/0")).toEqual(await readValues(source, "/0"));
  });

  test.each([
    ["larger", { y: 64, x: 64 }],
    ["smaller", { y: 8, x: 8 }],
    ["longer", { y: 6, x: 128 }],
  ])("%s ones: each chunk is read once, whatever the order", async (_, chunks) => {
    const stored = Object.fromEntries(
      Array.from({ length: 64 }, (_, k) => [`${k >> 3},${k & 7}`, () => k + 1] as const),
    );
    const source = countingStore(sparseImage({ shape: [128, 128], chunks: [16, 16], stored }));
    const plan = await planTransfer(await selectView(source, { chunks }), {});
    await runTransfer(plan, memoryTarget());
    expect(source.reads()).toBe(64);
  });

  test("with no memory for any chunk the pixels are the same", async () => {
    const source = await sampleStore(SMALL);
    const view = await selectView(source, { chunks: { z: 3, y: 17, x: 64 } }, { memory: 1 });
    const target = memoryTarget();
    await runTransfer(await planTransfer(view, {}), target);
    expect(await readValues(target.store, "/0")).toEqual(await readValues(source, "/0"));
  });

  test("are the same in parts, as other processes make them", async () => {
    const source = await sampleStore(SMALL);
    const view = async () => selectView(source, { chunks: { z: 2, y: 40, x: 40 } });
    for (const shard of [undefined, { z: 2, y: 80, x: 80 }]) {
      const plan = await planTransfer(await view(), {}, { shard });
      const again = await planTransfer(await view(), {}, { shard });
      const parts = (again.generated?.parts?.() ?? []).toReversed();
      const made = await Promise.all(parts.map(produced));
      expect(Object.fromEntries(made.flat())).toEqual(Object.fromEntries(await produced(plan.generated)));
    }
  });
});

async function produced(producer: EntryProducer | undefined): Promise<[string, Uint8Array][]> {
  const entries: [string, Uint8Array][] = [];
  for await (const { key, bytes } of producer?.produce() ?? []) {
    const blocks: Uint8Array[] = [];
    if (bytes instanceof Uint8Array) blocks.push(bytes);
    else for await (const block of bytes) blocks.push(block.slice());
    entries.push([key, concatBytes(blocks)]);
  }
  return entries;
}

describe("ranges that do not end where chunks do", () => {
  testSample(VARIANTS, 4)("of %j have the pixels between, in every level", async (variant) => {
    const source = await sampleStore({ ...SMALL, ...variant });
    const ranges = { c: span(1, 2), z: span(1, 4), y: span(10, 62), x: span(34) };
    const taken = await take(source, { ranges });
    const { shape, values } = await readValues(taken, "/0");
    expect(shape).toEqual([1, 3, 52, 56]);
    expect(values).toEqual(await part(source, "/0", [1, 1, 10, 34], [2, 4, 62, 90]));
    expect((await readValues(taken, "/1")).values).toEqual(
      await part(source, "/1", [1, 1, 5, 17], [2, 4, 31, 45]),
    );
    expect((await readValues(taken, "/labels/cells/0")).values).toEqual(
      await part(source, "/labels/cells/0", [1, 10, 34], [4, 62, 90]),
    );
  });

  test("a cut of a cut is the cut", async () => {
    const source = await sampleStore({ ...SMALL, levels: 1 });
    const [outer, inner] = [
      { y: span(7, 66), x: span(20, 85) },
      { y: span(5, 40), x: span(3, 50) },
    ];
    const twice = await take(await take(source, { ranges: outer }), { ranges: inner });
    const once = await take(source, { ranges: { y: span(12, 47), x: span(23, 70) } });
    expect(await contentOf(twice)).toEqual(await contentOf(once));
  });

  test("levels that the range cuts between pixels are recomputed, and it is said", async () => {
    const source = await sampleStore({
      ...SMALL,
      size: { c: 1, z: 1, y: 600, x: 600 },
      levels: 3,
      chunk: 128,
    });
    const view = await selectView(source, { ranges: { y: span(2, 572), x: span(1, 591) } });
    expect(view.findings).toMatchObject([
      { rule: "levels-remade", where: "/", message: expect.stringContaining("The 2 smallest levels") },
      { rule: "levels-remade", where: "/labels/cells" },
    ]);
    const plan = await planTransfer(view, {});
    expect(plan.levels).toEqual(expect.arrayContaining(["/1", "/2", "/labels/cells/1", "/labels/cells/2"]));
    const target = memoryTarget();
    await runTransfer(plan, target);
    expect((await readValues(target.store, "/2")).shape).toEqual([1, 1, 143, 148]);
    const half = await selectView(source, { ranges: { y: span(2, 572) } });
    expect((await planTransfer(half, {})).levels).toEqual(["/2", "/labels/cells/2"]);
  });

  test("a channel by its name, with the position of the part", async () => {
    const source = await sampleStore(SMALL);
    const before = await omeOf(source);
    const [, second] = before.omero.channels;
    const taken = await take(source, { ranges: { c: { channel: second.label }, y: span(3) } });
    const ome = await omeOf(taken);
    expect(ome.omero.channels).toEqual([second]);
    expect(ome.multiscales[0].datasets[0].coordinateTransformations).toContainEqual({
      type: "translation",
      translation: [0, 0, 0.975, 0],
    });
    expect(checkSchema("0.5", "image", { ome })).toEqual([]);
  });
});

// biome-ignore lint/suspicious/noExplicitAny: a document of the test
async function omeOf(store: Store): Promise<any> {
  const { attributes } = await jsonOf(store, "/zarr.json");
  return (attributes as JsonObject)["ome"];
}

describe("projections", () => {
  const values = Array.from({ length: 60 }, (_, k) => (k * 37) % 251);
  const image = () => sparseImage({ shape: [5, 3, 4], chunks: [2, 2, 4], stored: chunksOf(values) });

  /** The chunks of 5 × 3 × 4 pixels. */
  function chunksOf(pixels: readonly number[]): Record<string, (index: number) => number> {
    const at = (z: number, y: number, x: number): number =>
      z < 5 && y < 3 ? (pixels[z * 12 + y * 4 + x] ?? 0) : 0;
    return Object.fromEntries(
      [0, 1, 2].flatMap((z) =>
        [0, 1].map((y) => [
          `${z},${y},0`,
          (k: number) => at(2 * z + (k >> 3), 2 * y + ((k >> 2) & 1), k & 3),
        ]),
      ),
    );
  }

  const along = (k: number): number[] => [0, 1, 2, 3, 4].map((z) => values[z * 12 + k] ?? 0);
  const halfEven = (sum: number): number => {
    const [below, rest] = [Math.floor(sum / 5), sum % 5];
    return rest > 2.5 ? below + 1 : below;
  };
  test.each([
    ["max", "uint8", (all: number[]) => Math.max(...all)],
    ["min", "uint8", (all: number[]) => Math.min(...all)],
    ["sum", "uint32", (all: number[]) => all.reduce((a, b) => a + b, 0)],
    ["mean", "uint8", (all: number[]) => halfEven(all.reduce((a, b) => a + b, 0))],
  ] as const)("%s of every pixel along z is %s", async (method, dtype, expected) => {
    const taken = await take(image(), { project: { axis: "z", method } });
    const result = await readValues(taken, "/0");
    expect(result).toEqual({
      shape: [1, 3, 4],
      values: Array.from({ length: 12 }, (_, k) => expected(along(k))),
    });
    expect((await jsonOf(taken, "/0/zarr.json"))["data_type"]).toBe(dtype);
    // The pixel is as large as all of them, and lies in their middle.
    expect((await omeOf(taken)).multiscales[0].datasets[0].coordinateTransformations).toEqual([
      { type: "scale", scale: [2.5, 0.5, 0.5] },
      { type: "translation", translation: [1, 0, 0] },
    ]);
  });

  test("along the last axis, and of a range of another", async () => {
    const taken = await take(image(), { ranges: { y: span(1, 3) }, project: { axis: "x", method: "max" } });
    const rows = [0, 1, 2, 3, 4].flatMap((z) =>
      [1, 2].map((y) => values.slice(z * 12 + y * 4, z * 12 + y * 4 + 4)),
    );
    expect((await readValues(taken, "/0")).values).toEqual(rows.map((row) => Math.max(...row)));
  });

  test("of an image with levels and labels: levels are recomputed, labels are never mixed", async () => {
    const source = await sampleStore({ ...SMALL, size: { c: 2, z: 3, y: 300, x: 300 }, chunk: 128 });
    const taken = await take(source, { project: { axis: "z", method: "mean" } });
    expect((await readValues(taken, "/1")).shape).toEqual([2, 1, 150, 150]);
    const { shape, values: before } = await readValues(source, "/labels/cells/0");
    const plane = shape.slice(1).reduce((a, b) => a * b, 1);
    const labels = (await readValues(taken, "/labels/cells/0")).values;
    expect(labels).toEqual(
      Array.from({ length: plane }, (_, k) =>
        Math.max(...[0, 1, 2].map((z) => Number(before[z * plane + k]))),
      ),
    );
  });

  test.each([
    [{ project: { axis: "t", method: "max" } }, "has no axis t; its axes are c, z, y, x"],
    [{ project: { axis: "c", method: "max" } }, "c of the image / in sample is its channels"],
    [{ chunks: { t: 2 } }, "has no axis t"],
  ] as const)("%j is refused: %s", async (selection, message) => {
    const taking = selectView(await sampleStore(SMALL), selection);
    await expect(taking).rejects.toMatchObject({ _tag: "Usage" });
    await expect(taking).rejects.toThrow(message);
  });
});

describe("other values", () => {
  test("from a window, and no chunk that is not stored becomes one", async () => {
    const source = sparseImage({
      shape: [4, 8],
      chunks: [4, 4],
      dataType: "float32",
      stored: { "0,0": (k) => (k === 15 ? Number.NaN : k - 2) },
    });
    const rescale = { dtype: "uint8", window: { start: 0, end: 10 } } as const;
    const taken = await take(source, { rescale });
    const scaled = (value: number): number => Math.round(Math.min(Math.max(value, 0), 10) * 25.5);
    const expected = Array.from({ length: 32 }, (_, k) => {
      const index = (k >> 3) * 4 + (k & 3);
      return (k & 7) > 3 || index === 15 ? 0 : scaled(index - 2);
    });
    expect((await readValues(taken, "/0")).values).toEqual(expected);
    expect([...(await contentOf(taken)).keys()].filter((key) => key.includes("/c/"))).toEqual(["/0/c/0/0"]);
  });

  test("of each channel from its own window; labels stay as they are", async () => {
    const source = await sampleStore(SMALL);
    const before = await omeOf(source);
    const taken = await take(source, { rescale: { dtype: "uint8" } });
    const { values } = await readValues(source, "/1");
    const half = values.length / 2;
    const expected = values.map((value, k) => {
      const { start, end } = before.omero.channels[k < half ? 0 : 1].window;
      return Math.floor(
        (Math.min(Math.max(Number(value) - start, 0), end - start) / (end - start)) * 255 + 0.5,
      );
    });
    expect((await readValues(taken, "/1")).values).toEqual(expected);
    const [channel] = (await omeOf(taken)).omero.channels;
    expect(channel.window).toEqual({ min: 0, max: 255, start: 0, end: 255 });
    expect(await readValues(taken, "/labels/cells/0")).toEqual(await readValues(source, "/labels/cells/0"));
  });

  test("without a window that is known are refused", async () => {
    const source = sparseImage({ shape: [4, 8], chunks: [4, 4] });
    await expect(selectView(source, { rescale: { dtype: "uint8" } })).rejects.toThrow(
      "as in --window 0..4095",
    );
  });
});

describe("what a computer cannot hold is refused", () => {
  test("chunks that codecs cannot take", async () => {
    const source = sparseImage({ shape: [100_000, 100_000], chunks: [1000, 1000] });
    const view = selectView(source, { chunks: { y: 100_000, x: 100_000 } });
    await expect(view).rejects.toThrow(
      "would have 10.0 GB each, more than codecs take: ask for smaller ones",
    );
  });

  test("more chunks than anybody can store", async () => {
    const source = sparseImage({ shape: [5000, 5000], chunks: [5000, 5000], stored: { "0,0": () => 1 } });
    const view = await selectView(source, { chunks: { y: 1, x: 1 } });
    await expect(planTransfer(view, {})).rejects.toThrow("would become 25,000,000 chunks of 1 × 1");
  });
});
