import type { Store } from "@ozx/core";
import { fuzzRuns, readValues } from "@ozx/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { planTransfer, runTransfer, verifyStores } from "../../src/index.js";
import type { PlanOptions } from "../../src/plan/plan-transfer.js";
import { memoryTarget } from "../support/memory-target.js";
import { countingStore, sparseImage } from "../support/sparse-image.js";

async function messages(left: Store, right: Store): Promise<string[]> {
  const found: string[] = [];
  for await (const { message } of verifyStores(left, right)) found.push(message);
  return found;
}

async function converted(store: Store, options: PlanOptions) {
  const target = memoryTarget();
  await runTransfer(await planTransfer(store, { zarrFormat: 3 }, options), target);
  return target.store;
}

/** 3.8 billion possible chunks. */
const HUGE = { shape: [100_000, 100_000, 100_000], chunks: [64, 64, 64] } as const;
const ramp = (index: number): number => index % 251;

describe("two stored chunks of 3.8 billion possible ones", () => {
  const stored = { "0,0,0": ramp, "1561,7,800": ramp };

  test.for([
    ["as they are", {}],
    ["in shards", { shard: { z: 512, y: 512, x: 512 } }],
    ["with another codec", { codec: { name: "zstd" } }],
    ["in shards, with another codec", { shard: "auto", codec: { name: "gzip" } }],
  ] as [string, PlanOptions][])("are all that is read: %s", async ([, options]) => {
    const source = countingStore(sparseImage({ ...HUGE, stored }));
    const copy = countingStore(await converted(source, options));
    const before = source.reads();
    expect(await messages(source, copy)).toEqual([]);
    expect(await messages(copy, source)).toEqual([]);
    expect(source.reads() - before).toBeLessThan(20);
    expect(copy.reads()).toBeLessThan(20);
  });

  test.for([{}, { shard: { z: 512, y: 512, x: 512 } }] as PlanOptions[])(
    "and a pixel that differs in one of them is named, with options %o",
    async (options) => {
      const other = { ...stored, "1561,7,800": (index: number) => (index === 70 ? 0 : ramp(index)) };
      const [one, two] = [
        sparseImage({ ...HUGE, stored, name: "one" }),
        sparseImage({ ...HUGE, stored: other }),
      ];
      expect(await messages(one, await converted(two, options))).toEqual([
        "/0 differs first at (99904, 449, 51206): 70 in one, 0 in memory.",
      ]);
    },
  );

  test("differ from none", async () => {
    const [one, none] = [
      sparseImage({ ...HUGE, stored, name: "one" }),
      sparseImage({ ...HUGE, name: "none" }),
    ];
    expect(await messages(one, none)).toEqual(["/0 differs first at (0, 0, 1): 1 in one, 0 in none."]);
    expect(await messages(none, one)).toEqual(["/0 differs first at (0, 0, 1): 0 in none, 1 in one."]);
  });

  test("are found by chunks of another shape", async () => {
    const one = sparseImage({ ...HUGE, stored: { "1,0,3": () => 7 }, name: "one" });
    const same: Record<string, () => number> = {};
    for (const z of [2, 3]) for (const y of [0, 1]) for (const x of [6, 7]) same[`${z},${y},${x}`] = () => 7;
    const small = { shape: HUGE.shape, chunks: [32, 32, 32] };
    expect(await messages(one, sparseImage({ ...small, stored: same }))).toEqual([]);
    const { "3,1,7": _, ...fewer } = same;
    expect(await messages(sparseImage({ ...small, stored: fewer, name: "fewer" }), one)).toEqual([
      "/0 differs first at (96, 32, 224): 0 in fewer, 7 in one.",
    ]);
  });
});

test("more positions than there are exact numbers: 6 · 10^16 chunks", async () => {
  const huge = { shape: [1e9, 1e9], chunks: [4, 4], stored: { "249999999,249999998": ramp, "0,3": ramp } };
  const one = sparseImage({ ...huge, name: "one" });
  expect(await messages(one, sparseImage(huge))).toEqual([]);
  const other = { ...huge.stored, "249999999,249999998": () => 9 };
  expect(await messages(one, sparseImage({ ...huge, stored: other, name: "other" }))).toEqual([
    "/0 differs first at (999999996, 999999992): 0 in one, 9 in other.",
  ]);
});

describe("a missing chunk", () => {
  test("equals a stored one that is full of the fill value, in shards or not", async () => {
    const missing = sparseImage({ ...HUGE, fill: 7, stored: { "0,0,0": ramp } });
    const full = sparseImage({ ...HUGE, fill: 7, stored: { "0,0,0": ramp, "1000,2,9": () => 7 } });
    const sharded = await converted(full, { shard: { z: 512, y: 512, x: 512 } });
    for (const one of [missing, full, sharded]) {
      for (const other of [missing, full, sharded]) expect(await messages(one, other)).toEqual([]);
    }
  });

  test("differs where the fill values do, at the first pixel that neither stores", async () => {
    const [zero, seven] = [0, 7].map((fill) =>
      sparseImage({ ...HUGE, fill, stored: { "0,0,0": ramp, "0,0,2": ramp }, name: `${fill}` }),
    );
    if (zero === undefined || seven === undefined) throw new Error("two images");
    expect(await messages(zero, seven)).toEqual(["/0 differs first at (0, 0, 64): 0 in 0, 7 in 7."]);
  });

  test("has 0 where Zarr v2 leaves the fill value undefined", async () => {
    const group = new TextEncoder().encode('{"zarr_format":2}');
    const array = { zarr_format: 2, dtype: "|u1", shape: [1e6, 1e6], chunks: [64, 64], order: "C" };
    const v2 = (fill_value: unknown): Store => {
      const document = { ...array, dimension_separator: "/", compressor: null, filters: null, fill_value };
      const store = sparseImage({ shape: [64, 64], chunks: [64, 64], name: String(fill_value) });
      void store.set("/.zgroup", group);
      void store.set("/a/.zarray", new TextEncoder().encode(JSON.stringify(document)));
      void store.set("/a/5/9", new Uint8Array(64 * 64).fill(3));
      return store;
    };
    expect(await messages(v2(null), v2(0))).toEqual([]);
    expect(await messages(v2(1), v2(null))).toEqual(["/a differs first at (0, 0): 1 in 1, 0 in null."]);
  });
});

test("a server that lists nothing is asked for every possible chunk, but not for billions of them", async () => {
  const source = sparseImage({ ...HUGE, stored: { "0,0,0": ramp } });
  const documents = new Map(
    ["/zarr.json", "/0/zarr.json"].map((key) => [key, source.get(key as "/")] as const),
  );
  const served: Store = {
    ...source,
    name: "served",
    unlisted: {
      documents: async () =>
        new Map(
          await Promise.all(
            [...documents].map(async ([k, v]) => [k as "/", (await v) ?? new Uint8Array()] as const),
          ),
        ),
      size: async (key) => (await source.get(key))?.length,
    },
  };
  await expect(messages(source, served)).rejects.toMatchObject({
    _tag: "Unsupported",
    message: expect.stringContaining("served can have 3818"),
  });
});

describe("whatever is stored of two arrays", () => {
  const extents = fc.tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 9 }));
  const chunks = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }));
  const side = fc.record({
    chunks,
    stored: fc.array(fc.tuple(fc.nat(6), fc.nat(8), fc.constantFrom(0, 0, 1, 5)), { maxLength: 4 }),
    shard: fc.option(fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }))),
    fill: fc.constantFrom(0, 0, 0, 1),
    codec: fc.boolean(),
  });

  test("the first difference is that of all their pixels", async () => {
    await fc.assert(
      fc.asyncProperty(extents, side, side, async (shape, left, right) => {
        const build = async ({ chunks: extent, stored, shard, fill, codec }: typeof left): Promise<Store> => {
          const image = sparseImage({
            ...{ shape, chunks: extent, fill, name: "image" },
            stored: Object.fromEntries(
              stored
                .filter(([y, x]) => y * extent[0] < shape[0] && x * extent[1] < shape[1])
                .map(([y, x, value]) => [`${y},${x}`, () => value]),
            ),
          });
          const needed = shape.map((size, axis) => Math.ceil(size / (extent[axis] ?? 1)));
          const size = (axis: 0 | 1): number =>
            extent[axis] * Math.min(shard?.[axis] ?? 1, needed[axis] ?? 1);
          return converted(image, {
            shard: shard ? { y: size(0), x: size(1) } : undefined,
            codec: codec ? { name: "zstd" } : undefined,
          });
        };
        const [one, other] = await Promise.all([build(left), build(right)]);
        const [all, others] = await Promise.all([readValues(one, "/0"), readValues(other, "/0")]);
        const at = all.values.findIndex((value, k) => value !== others.values[k]);
        const position = [Math.floor(at / shape[1]), at % shape[1]];
        const found = await messages(one, other);
        if (at < 0) expect(found).toEqual([]);
        else {
          expect(found).toEqual([
            `/0 differs first at (${position.join(", ")}): ${all.values[at]} in memory, ${others.values[at]} in memory.`,
          ]);
        }
      }),
      { numRuns: fuzzRuns({ sample: 150, full: 1_500 }) },
    );
  }, 120_000);
});
