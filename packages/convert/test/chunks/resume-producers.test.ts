import type { AbsolutePath, Store } from "@ozx/core";
import { concatBytes, type EntryProducer, memoryStore } from "@ozx/core/container";
import { describeSample, type SampleOptions, sampleStore } from "@ozx/testing";
import { expect, test } from "vitest";
import { planTransfer, planVersion, type TransferPlan } from "../../src/index.js";
import type { PlanOptions } from "../../src/plan/plan-transfer.js";

/** Three levels can be added to it. */
const ONE_LEVEL = { size: { c: 1, z: 1, y: 1030, x: 270 }, levels: 1, chunk: 48, codec: "none" } as const;

type Produced = readonly (readonly [AbsolutePath, Uint8Array])[];

async function produce(producer: EntryProducer | undefined, after?: AbsolutePath): Promise<Produced> {
  const produced: [AbsolutePath, Uint8Array][] = [];
  for await (const { key, bytes } of producer?.produce({ after }) ?? []) {
    if (bytes instanceof Uint8Array) produced.push([key, bytes.slice()]);
    else {
      const blocks: Uint8Array[] = [];
      for await (const block of bytes) blocks.push(block.slice());
      produced.push([key, concatBytes(blocks)]);
    }
  }
  return produced;
}

/** A source that counts what is read of it, and lacks the chunks in the middle, which are zeros. */
async function countingSource(options: SampleOptions): Promise<{ store: Store; reads(): number }> {
  const whole = await sampleStore({ ...ONE_LEVEL, ...options });
  const values = new Map<AbsolutePath, Uint8Array>();
  for await (const { key } of whole.list()) {
    if (/^\/0\/c\/.*\/(?:7|1\d)\/\d+$/.test(key)) continue;
    values.set(key, (await whole.get(key)) ?? new Uint8Array());
  }
  let reads = 0;
  const { readSync: _, openSync: __, ...store } = memoryStore(values);
  return {
    reads: () => reads,
    store: {
      ...store,
      async get(key, reading) {
        reads++;
        return store.get(key, reading);
      },
      async getRange(key, range, reading) {
        reads++;
        return store.getRange(key, range, reading);
      },
    },
  };
}

async function planned(source: Store, options: PlanOptions, version?: "0.4"): Promise<TransferPlan> {
  const plan = await planTransfer(source, version ? {} : { zarrFormat: 3 }, options);
  return version === undefined ? plan : planVersion(plan, version);
}

const CASES: readonly [what: string, sample: SampleOptions, options: PlanOptions, version?: "0.4"][] = [
  ["other codecs", { levels: 3 }, { codec: { name: "zstd", level: 1 } }],
  ["other codecs in shards", { shards: true }, { codec: { name: "zstd", level: 1 } }],
  ["chunks out of shards", { shards: true }, { shard: "none" }],
  ["chunks out of shards into 0.4", { shards: true }, { shard: "none" }, "0.4"],
  ["other shards", { shards: true }, { shard: { y: 192, x: 192 } }],
];

describeSample(CASES, 4)("%s", ([, sample, options, version]) => {
  test("resume after every entry, with the same entries in the same order", async () => {
    const source = await countingSource(sample);
    const plan = await planned(source.store, options, version);
    const before = source.reads();
    const whole = await produce(plan.generated);
    const all = source.reads() - before;
    expect(whole.length).toBeGreaterThan(3);
    expect(whole.every(([key]) => plan.generated?.origin?.owns(key))).toBe(true);
    const reads: number[] = [];
    const step = Math.max(1, Math.floor(whole.length / 6));
    for (let cut = 0; cut < whole.length; cut += cut < 2 || cut > whole.length - 3 ? 1 : step) {
      const start = source.reads();
      const rest = await produce(plan.generated, whole[cut]?.[0]);
      expect(rest.map(([key]) => key)).toEqual(whole.slice(cut + 1).map(([key]) => key));
      expect(
        rest.every(
          ([, bytes], k) => Buffer.compare(bytes, whole[cut + 1 + k]?.[1] ?? bytes.subarray(1)) === 0,
        ),
      ).toBe(true);
      reads.push(source.reads() - start);
    }
    // The later, the less is read.
    for (const [k, count] of reads.entries()) expect(count).toBeLessThan((reads[k - 1] ?? all) + all / 8);
    expect(reads.at(-1)).toBeLessThan(all / 4);
  });
});

test("levels are generated again by a run that resumes, after the chunks that are recompressed", async () => {
  const { store } = await countingSource({});
  const codec = { name: "zstd", level: 1 } as const;
  const plan = await planTransfer(store, { zarrFormat: 3 }, { pyramid: true, codec });
  const whole = await produce(plan.generated);
  const owned = whole.filter(([key]) => plan.generated?.origin?.owns(key));
  expect(owned.map(([key]) => key)).toEqual(whole.slice(0, owned.length).map(([key]) => key));
  expect(owned.length).toBeGreaterThan(0);
  expect(whole.length).toBeGreaterThan(owned.length);
  const rest = await produce(plan.generated, owned.at(-1)?.[0]);
  expect(rest).toEqual(whole.slice(owned.length));
});

test("the recipe differs if other chunks are used, or the result differs", async () => {
  const { store } = await countingSource({});
  const recipes = await Promise.all(
    (
      [
        { pyramid: true },
        { pyramid: true, shard: { y: 96 } },
        { pyramid: true, codec: { name: "zstd", level: 1 } },
        { codec: { name: "zstd", level: 1 } },
        { codec: { name: "zstd", level: 2 } },
      ] satisfies PlanOptions[]
    ).map(async (options: PlanOptions) => (await planTransfer(store, {}, options)).generated?.origin?.recipe),
  );
  expect(new Set(recipes).size).toBe(recipes.length);
  expect(recipes).not.toContain(undefined);
});
