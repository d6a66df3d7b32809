import type { ChunkWorkers } from "@ozx/core";
import { type AbsolutePath, openOmeZarr, type Store } from "@ozx/core";
import { type MemoryStore, memoryStore } from "@ozx/core/container";
import { inlineWorkers, stringifyJson } from "@ozx/core/internal";
import { readValues, type SampleOptions, sampleStore } from "@ozx/testing";
import { describe, expect, test } from "vitest";
import { planTransfer, runTransfer, verifyStores } from "../../src/index.js";
import type { PlanOptions } from "../../src/plan/plan-transfer.js";
import { memoryTarget } from "../support/memory-target.js";

const ONE_LEVEL = { size: { c: 1, z: 1, y: 271, x: 525 }, levels: 1, chunk: 100 } as const;

async function withPyramid(source: Store, options?: PlanOptions): Promise<MemoryStore> {
  const target = memoryTarget();
  await runTransfer(await planTransfer(source, { zarrFormat: 3 }, { ...options, pyramid: true }), target);
  return target.store;
}

async function documentAt(store: Store, path: string) {
  return JSON.parse(new TextDecoder().decode(await store.get(`${path}/zarr.json` as AbsolutePath)));
}

/** The mean of the last two axes' pairs, plane by plane, in the simplest way; or the first of each four. */
function halved({ shape, values }: Awaited<ReturnType<typeof readValues>>, isLabel: boolean): unknown[] {
  const [height = 1, width = 1] = shape.slice(-2);
  const planes = values.length / (height * width);
  const out: unknown[] = [];
  for (let plane = 0; plane < planes; plane++) {
    for (let y = 0; y < height; y += 2) {
      for (let x = 0; x < width; x += 2) {
        const box = [
          [y, x],
          [y, x + 1],
          [y + 1, x],
          [y + 1, x + 1],
        ]
          .filter(([row = 0, column = 0]) => row < height && column < width)
          .map(([row = 0, column = 0]) => Number(values[(plane * height + row) * width + column]));
        const mean = box.reduce((sum, value) => sum + value) / box.length;
        const below = Math.floor(mean);
        const even = mean - below === 0.5 ? below + (below % 2) : Math.round(mean);
        out.push(isLabel ? box[0] : even);
      }
    }
  }
  return out;
}

describe.each([
  ["0.5 with small chunks", {}, {}],
  ["chunks of odd size", { chunk: 75 }, {}],
  ["shards like those above", { shards: true, codec: "gzip" }, { workers: inlineWorkers() }],
  ["shards that are asked for", { codec: "blosc" }, { shard: { y: 300, x: 200 } }],
  ["large shards of very small levels", { chunk: 64 }, { shard: "auto" }],
  ["0.4 in F order, big-endian", { version: "0.4", order: "F", byteOrder: ">" }, {}],
  ["bytes", { dtype: "uint8", codec: "none" }, {}],
] as [string, SampleOptions, PlanOptions][])("%s", (_, sample, options) => {
  test("each level is downsampled from the one above, images by mean and labels by the nearest pixel", async () => {
    const store = await withPyramid(await sampleStore({ ...ONE_LEVEL, ...sample }), options);
    for (const path of ["", "/labels/cells"]) {
      for (const level of [0, 1]) {
        const [above, below] = await Promise.all(
          [level, level + 1].map((k) => readValues(store, `${path}/${k}` as AbsolutePath)),
        );
        if (above === undefined || below === undefined) throw new Error("no level");
        expect(below.shape.slice(-2)).toEqual(above.shape.slice(-2).map((extent) => Math.ceil(extent / 2)));
        expect(below.values.map(Number)).toEqual(halved(above, path !== ""));
      }
      expect((await documentAt(store, path)).attributes.ome.multiscales[0].datasets).toHaveLength(3);
    }
  });
});

test("the metadata has the position of the new pixels and the method", async () => {
  const store = await withPyramid(await sampleStore(ONE_LEVEL));
  const { attributes } = await documentAt(store, "");
  const [multiscale] = attributes.ome.multiscales;
  expect(multiscale.datasets.map(({ path }: { path: string }) => path)).toEqual(["0", "1", "2"]);
  expect(multiscale).toMatchObject({ type: "mean", metadata: { method: "ozx convert --pyramid" } });
  const image = await openOmeZarr(store, { formats: [] });
  const [first, second, third] = image.images[0]?.levels ?? [];
  expect(first?.scale).toEqual([1, 1.5, 0.325, 0.325]);
  expect(second).toMatchObject({ scale: [1, 1.5, 0.65, 0.65], shape: [1, 1, 136, 263] });
  expect(third).toMatchObject({ scale: [1, 1.5, 1.3, 1.3], shape: [1, 1, 68, 132] });
  const [t1, t2] = [second, third].map((level) => level?.translation[3] ?? 0);
  const t0 = first?.translation[3] ?? 0;
  expect(t1).toBeCloseTo(t0 + 0.1625, 12);
  expect(t2).toBeCloseTo(t0 + 0.4875, 12);
  expect(await documentAt(store, "/1")).toMatchObject({
    dimension_names: ["c", "z", "y", "x"],
    fill_value: 0,
  });
  expect((await documentAt(store, "/labels/cells")).attributes.ome.multiscales[0].type).toBe("nearest");
});

test("present levels stay, and only lower ones are added", async () => {
  const source = await sampleStore({ ...ONE_LEVEL, levels: 2 });
  const original = await documentAt(source, "");
  const store = await withPyramid(source);
  const [multiscale] = (await documentAt(store, "")).attributes.ome.multiscales;
  expect(multiscale.datasets.slice(0, 2)).toEqual(original.attributes.ome.multiscales[0].datasets);
  expect(multiscale.datasets).toHaveLength(3);
  expect(multiscale.type).toBe(original.attributes.ome.multiscales[0].type);
  expect(await store.get("/1/c/0/0/0/0")).toEqual(await source.get("/1/c/0/0/0/0"));
});

test("an image that is small enough is copied as it is", async () => {
  const source = await sampleStore({ size: { c: 1, z: 1, y: 256, x: 200 }, levels: 1 });
  const plan = await planTransfer(source, {}, { pyramid: true });
  expect(plan).toMatchObject({ generated: undefined, levels: [] });
  expect(plan.entries.every(({ content }) => typeof content === "string")).toBe(true);
});

test("a plan counts the entries that are generated", async () => {
  const plan = await planTransfer(await sampleStore(ONE_LEVEL), {}, { pyramid: true });
  expect(plan.levels).toEqual(["/1", "/2", "/labels/cells/1", "/labels/cells/2"]);
  const keys: string[] = [];
  for await (const { key } of plan.generated?.produce() ?? []) keys.push(key);
  expect(new Set(keys).size).toBe(keys.length);
  // Levels of 2 × 3 and of 1 × 2 chunks, of the image and of its labels.
  expect(plan.generated?.entries).toBe(2 * (6 + 2));
  expect(keys.length).toBeLessThanOrEqual(plan.generated?.entries ?? 0);
  expect(plan.generated?.bytes).toBeGreaterThan(0);
});

test("automatic shards have more chunks if these are smaller", async () => {
  const source = await sampleStore({ size: { c: 8, z: 1, y: 271, x: 525 }, levels: 1, chunk: 525 });
  const large: Store = {
    ...source,
    list: async function* (options) {
      for await (const entry of source.list(options))
        yield entry.key.startsWith("/0/c/") ? { ...entry, size: 100e6 } : entry;
    },
  };
  const plan = await planTransfer(large, { zarrFormat: 3 }, { pyramid: true, shard: "auto" });
  const shards = ["/1", "/2"].map((level) => {
    const content = plan.entries.find(({ key }) => key === `${level}/zarr.json`)?.content;
    return JSON.parse(new TextDecoder().decode(content as Uint8Array)).chunk_grid.configuration.chunk_shape;
  });
  expect(shards.map(([c]) => c)).toEqual([2, 8]);
});

test("chunks that are all zeros are not stored, like those that they are downsampled from", async () => {
  const whole = await sampleStore({ ...ONE_LEVEL, size: { ...ONE_LEVEL.size, c: 2 } });
  const source = memoryStore();
  for await (const { key } of whole.list()) {
    const value = await whole.get(key);
    if (value !== undefined && !key.startsWith("/0/c/1/")) await source.set(key, value);
  }
  const store = await withPyramid(source);
  const keys: string[] = [];
  for await (const { key } of store.list({ prefix: "/1" })) keys.push(key);
  expect(keys.filter((key) => key.startsWith("/1/c/0/")).length).toBeGreaterThan(0);
  expect(keys.filter((key) => key.startsWith("/1/c/1/"))).toEqual([]);
});

test("an image whose axes do not say which are y and x is reported with that reason", async () => {
  const source = await sampleStore(ONE_LEVEL);
  const document = await documentAt(source, "");
  const [multiscale] = document.attributes.ome.multiscales;
  const axes = multiscale.axes as { name: string }[];
  multiscale.axes = axes.map(({ name }) => ({ name: name.toUpperCase() }));
  await source.set("/zarr.json", stringifyJson(document));
  const plan = await planTransfer(source, {}, { pyramid: true });
  expect(plan.findings.filter(({ rule }) => rule === "no-levels-added")).toMatchObject([
    { where: "/", message: expect.stringMatching(/does not say which of its axes C, Z, Y, X are y and x/) },
  ]);
});

test("an image whose last level is missing is reported, and copied as it is", async () => {
  const source = await sampleStore(ONE_LEVEL);
  const document = await documentAt(source, "");
  const [multiscale] = document.attributes.ome.multiscales;
  multiscale.datasets.push({ ...multiscale.datasets[0], path: "gone" });
  await source.set("/zarr.json", stringifyJson(document));
  const plan = await planTransfer(source, {}, { pyramid: true, allowMissing: true });
  expect(plan.levels).toEqual(["/labels/cells/1", "/labels/cells/2"]);
  expect(plan.findings.filter(({ rule }) => rule === "no-levels-added")).toMatchObject([
    {
      where: "/",
      message: "No levels are added to the image /: its smallest level has no array at /gone.",
    },
  ]);
});

test("names continue the last one, and groups between are created", async () => {
  const source = await sampleStore(ONE_LEVEL);
  const renamed = new Map<AbsolutePath, Uint8Array>();
  for await (const { key } of source.list()) {
    const value = await source.get(key);
    const to = key.startsWith("/0/") ? (`/scale0/image${key.slice(2)}` as AbsolutePath) : key;
    if (value !== undefined) renamed.set(to, value);
  }
  const document = await documentAt(source, "");
  document.attributes.ome.multiscales[0].datasets[0].path = "scale0/image";
  document.consolidated_metadata = { kind: "inline", must_understand: false, metadata: {} };
  for (const [key, value] of renamed) await source.set(key, value);
  await source.set("/zarr.json", stringifyJson(document));
  const store = await withPyramid(source);
  const root = await documentAt(store, "");
  expect(root.attributes.ome.multiscales[0].datasets.map(({ path }: { path: string }) => path)).toEqual([
    "scale0/image",
    "scale1/image",
    "scale2/image",
  ]);
  expect(await documentAt(store, "/scale1")).toMatchObject({ node_type: "group" });
  expect(root.consolidated_metadata).toBeUndefined();
});

describe("images with several multiscales", () => {
  /** An image whose second multiscale has the level `1`, beside the first with `0`. */
  async function twoMultiscales(path: string): Promise<MemoryStore> {
    const source = await sampleStore(ONE_LEVEL);
    const copies: [AbsolutePath, Uint8Array][] = [];
    for await (const { key } of source.list({ prefix: "/0" })) {
      const value = await source.get(key);
      if (value !== undefined) copies.push([`/1${key.slice(2)}` as AbsolutePath, value]);
    }
    for (const [key, value] of copies) await source.set(key, value);
    const document = await documentAt(source, "");
    const [first] = document.attributes.ome.multiscales;
    const datasets = [{ ...first.datasets[0], path }];
    document.attributes.ome.multiscales = [first, { ...first, name: "second", datasets }];
    await source.set("/zarr.json", stringifyJson(document));
    return source;
  }
  const levelsOf = async (store: Store): Promise<string[][]> =>
    (await documentAt(store, "")).attributes.ome.multiscales.map(
      ({ datasets }: { datasets: { path: string }[] }) => datasets.map(({ path }) => path),
    );

  test("each has its own levels if the arrays are different", async () => {
    const store = await withPyramid(await twoMultiscales("1"));
    expect(await levelsOf(store)).toEqual([
      ["0", "2", "3"],
      ["1", "4", "5"],
    ]);
    const [two, four] = await Promise.all([readValues(store, "/2"), readValues(store, "/4")]);
    expect(two).toEqual(four);
  });

  test("share the levels if the array is the same", async () => {
    const store = await withPyramid(await twoMultiscales("0"));
    expect(await levelsOf(store)).toEqual([
      ["0", "2", "3"],
      ["0", "2", "3"],
    ]);
  });
});

test("the result equals the source if added levels are ignored, and only then", async () => {
  const source = await sampleStore({ ...ONE_LEVEL, version: "0.4" });
  const target = memoryTarget();
  const plan = await planTransfer(source, { zarrFormat: 3 }, { pyramid: true });
  await runTransfer(plan, target);
  const differences = async (added: readonly AbsolutePath[]): Promise<string[]> => {
    const found: string[] = [];
    for await (const { path } of verifyStores(source, target.store, { added })) found.push(path);
    return found;
  };
  expect(await differences(plan.levels)).toEqual([]);
  expect(await differences(plan.levels.slice(1))).toEqual(["/1", "/"]);
});

test("shards that span many planes are written one after the other, as soon as their pixels were read", async () => {
  const image = { size: { c: 1, z: 8, y: 512, x: 512 }, levels: 1, chunk: 64 } as const;
  const source = await sampleStore(image);
  let reads = 0;
  const counted: Store = {
    ...source,
    async get(key, options) {
      if (/^\/0\/c\//.test(key)) reads++;
      return source.get(key, options);
    },
  };
  const plan = await planTransfer(
    counted,
    { zarrFormat: 3 },
    { pyramid: true, shard: { z: 4, y: 128, x: 128 } },
  );
  const readsAtShards: number[] = [];
  await runTransfer(plan, {
    name: "nowhere",
    async write({ generated }) {
      for await (const { key } of generated?.produce() ?? [])
        if (/^\/1\/c\//.test(key)) readsAtShards.push(reads);
    },
  });
  // The 4 × 4 × 4 chunks that a shard of the next level is made of, and some that are read ahead.
  const [first = Number.NaN] = readsAtShards;
  expect(readsAtShards).toHaveLength(8);
  expect(first).toBeLessThan(100);
});

test("large tiles are downsampled by workers, with the same result", async () => {
  const source = await sampleStore({ size: { c: 2, z: 1, y: 700, x: 900 }, levels: 1, chunk: 256 });
  const inline = inlineWorkers();
  const shapes: string[] = [];
  const elsewhere: ChunkWorkers = {
    ...inline,
    run(task, bytes, options) {
      if (task.kind === "downsample") shapes.push(`${task.pixels} ${task.shape.join(" × ")}`);
      // As a thread would get it.
      const { isSpare } = options ?? {};
      return inline.run(
        task,
        isSpare ? structuredClone(bytes, { transfer: [bytes.buffer] }) : bytes,
        options,
      );
    },
  };
  const store = await withPyramid(source, { workers: elsewhere });
  expect(shapes).toContain("Uint16Array 1 × 1 × 256 × 256");
  const { values, shape } = (await readValues(store, "/2")) ?? {};
  expect(shape).toEqual([2, 1, 175, 225]);
  const again = await withPyramid(source, { workers: inline });
  expect(values).toEqual((await readValues(again, "/2"))?.values);
});
