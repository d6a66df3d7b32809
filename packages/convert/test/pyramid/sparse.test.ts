import { type AbsolutePath, openOmeZarr, type Store } from "@ozx/core";
import { fuzzRuns } from "@ozx/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { planTransfer, runTransfer, type TransferPlan } from "../../src/index.js";
import type { PlanOptions } from "../../src/plan/plan-transfer.js";
import { memoryTarget } from "../support/memory-target.js";
import { countingStore, sparseImage } from "../support/sparse-image.js";

async function withPyramid(store: Store, options: PlanOptions = {}) {
  const target = memoryTarget();
  const plan = await planTransfer(store, { zarrFormat: 3 }, { ...options, pyramid: true });
  await runTransfer(plan, target);
  return { plan, store: target.store };
}

async function chunkKeys(store: Store, levels: TransferPlan["levels"]): Promise<string[]> {
  const keys: string[] = [];
  for (const prefix of levels) {
    for await (const { key } of store.list({ prefix })) if (key.includes("/c/")) keys.push(key);
  }
  return keys;
}

function halfEven(value: number): number {
  const below = Math.floor(value);
  return value - below === 0.5 ? below + (below % 2) : Math.round(value);
}

const ramp = (index: number): number => index % 251;
const HUGE = { shape: [100_000, 100_000, 100_000], chunks: [64, 64, 64] } as const;

describe("levels of an image with two stored chunks of 3.8 billion possible ones", () => {
  const stored = { "0,0,0": ramp, "1561,7,800": ramp };

  test.for([
    ["as they are", {}],
    ["in shards", { shard: { z: 512, y: 512, x: 512 } }],
    ["in automatic shards", { shard: "auto", codec: { name: "zstd" } }],
  ] as [string, PlanOptions][])("are written where something is stored: %s", async ([, options]) => {
    const source = countingStore(sparseImage({ ...HUGE, stored }));
    const { plan, store } = await withPyramid(source, options);
    const keys = await chunkKeys(store, plan.levels);
    // Two chunks a level, one on the last levels.
    expect(plan.levels).toHaveLength(9);
    expect(keys.length).toBeGreaterThan(9);
    expect(keys.length).toBeLessThan(30);
    expect(keys.length).toBeLessThanOrEqual(plan.generated?.entries ?? 0);
    expect(plan.generated?.entries).toBeLessThan(40);
    expect(source.reads()).toBeLessThan(20);
    const image = await openOmeZarr(store, { formats: [] });
    const level = image.images[0]?.level(1);
    const { data } = (await level?.read({ z: 49_952, y: [224, 226], x: [25_600, 25_602] })) ?? {};
    const mean = (y: number, x: number): number => {
      const planes = [0, 1].flatMap((z) =>
        [0, 1].flatMap((dy) => [0, 1].map((dx) => z * 4096 + (y + dy) * 64 + x + dx)),
      );
      return planes.reduce((sum, index) => sum + ramp(index), 0) / 8;
    };
    expect([...(data as Uint8Array)]).toEqual([mean(0, 0), mean(0, 2), mean(2, 0), mean(2, 2)].map(halfEven));
  });

  test("from shards are found by the indexes of these", async () => {
    const sharded = memoryTarget();
    const source = sparseImage({ ...HUGE, stored });
    await runTransfer(await planTransfer(source, {}, { shard: { z: 1280, y: 1280, x: 1280 } }), sharded);
    const counted = countingStore(sharded.store);
    const { plan, store } = await withPyramid(counted);
    const whole = await withPyramid(source);
    for (const key of await chunkKeys(whole.store, plan.levels)) expect(key).toMatch(/^\/\d\/c/);
    expect(counted.reads()).toBeLessThan(20);
    const [one, other] = await Promise.all(
      [store, whole.store].map((each) => openOmeZarr(each, { formats: [] })),
    );
    const corner = { z: [778, 782], y: [0, 8], x: [396, 404] } as const;
    const [pixels, expected] = await Promise.all(
      [one, other].map((image) => image?.images[0]?.level(7).read(corner)),
    );
    expect(pixels).toEqual(expected);
    const values = (pixels?.data ?? new Uint8Array(0)) as Uint8Array;
    expect(values.some((value) => value > 0)).toBe(true);
  });
});

test("levels of 6 · 10^16 chunks, of which one is stored", async () => {
  const { plan, store } = await withPyramid(
    sparseImage({ shape: [1e9, 1e9], chunks: [4, 4], stored: { "249999999,249999998": () => 200 } }),
  );
  expect(plan.levels).toHaveLength(22);
  // The mean of what is left of it rounds to 0 in the end.
  const last = [124_999_999, 62_499_999, 31_249_999, 15_624_999, 7_812_499, 3_906_249];
  const keys = last.map((at, k) => `/${k + 1}/c/${at}/${at}`);
  expect(await chunkKeys(store, plan.levels)).toEqual(keys);
});

describe("where nothing is stored, nothing is written, and the fill value stays", () => {
  test.for([
    ["uint8", 7, 7],
    ["float32", "NaN", Number.NaN],
    ["float32", -0.5, -0.5],
    ["float32", "Infinity", Number.POSITIVE_INFINITY],
    ["float32", "0x7fc00001", Number.NaN],
  ] as const)("%s %s", async ([dataType, fill, value]) => {
    const stored = { "0,0": ramp };
    const source = sparseImage({ shape: [2000, 3000], chunks: [64, 64], dataType, fill, stored });
    const { plan, store } = await withPyramid(source);
    expect(await chunkKeys(store, plan.levels)).toEqual(plan.levels.map((path) => `${path}/c/0/0`));
    const { fill_value } = JSON.parse(new TextDecoder().decode(await store.get("/1/zarr.json")));
    expect(fill_value).toBe(fill);
    const image = await openOmeZarr(store, { formats: [] });
    const { data } = (await image.images[0]?.level(2).read({ y: 0 })) ?? {};
    const values = [...(data as Float32Array)];
    expect(values.at(-1)).toBe(value);
    // The rest of a chunk that was stored in part.
    expect(values[63]).toBe(value);
    expect(values[0]).not.toBe(value);
  });

  test("also where the chunks above are stored, full of it", async () => {
    const source = sparseImage({ shape: [600, 600], chunks: [64, 64], fill: 7, stored: { "3,3": () => 7 } });
    const { plan, store } = await withPyramid(source);
    expect(await chunkKeys(store, plan.levels)).toEqual([]);
  });
});

describe("whatever is stored", () => {
  const stored = fc.uniqueArray(fc.tuple(fc.nat(40), fc.nat(40)), { maxLength: 12, selector: String });

  test("the levels are those of the image whose missing chunks are stored too", async () => {
    await fc.assert(
      fc.asyncProperty(
        stored,
        fc.tuple(fc.integer({ min: 257, max: 600 }), fc.integer({ min: 257, max: 600 })),
        fc.constantFrom([16, 16], [15, 23], [64, 48], [100, 7]),
        fc.constantFrom<PlanOptions>({}, { shard: "auto" }, { codec: { name: "zstd" } }),
        fc.constantFrom(0, 9),
        async (positions, shape, chunks, options, fill) => {
          const grid = shape.map((extent, axis) => Math.ceil(extent / (chunks[axis] ?? 1)));
          const some: Record<string, (index: number) => number> = {};
          for (const [y, x] of positions) {
            if (y < (grid[0] ?? 0) && x < (grid[1] ?? 0))
              some[`${y},${x}`] = (index) => (index * (y + 3) + x) % 256;
          }
          const all: Record<string, (index: number) => number> = {};
          for (let y = 0; y < (grid[0] ?? 0); y++) {
            for (let x = 0; x < (grid[1] ?? 0); x++) all[`${y},${x}`] = some[`${y},${x}`] ?? (() => fill);
          }
          const sparse = await withPyramid(sparseImage({ shape, chunks, fill, stored: some }), options);
          const whole = await withPyramid(sparseImage({ shape, chunks, fill, stored: all }), options);
          expect(sparse.plan.levels).toEqual(whole.plan.levels);
          const keys = await chunkKeys(sparse.store, sparse.plan.levels);
          expect(keys.length).toBeLessThanOrEqual(sparse.plan.generated?.entries ?? 0);
          expect(new Set(keys)).toEqual(new Set(await chunkKeys(whole.store, whole.plan.levels)));
          for (const key of keys) {
            expect(await sparse.store.get(key as AbsolutePath)).toEqual(
              await whole.store.get(key as AbsolutePath),
            );
          }
        },
      ),
      { numRuns: fuzzRuns({ sample: 12, full: 100 }) },
    );
  }, 300_000);
});
