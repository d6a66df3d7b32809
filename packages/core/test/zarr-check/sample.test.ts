import { type SampleOptions, sampleStore } from "@ozx/testing";
import { expect, test } from "vitest";
import { type Finding, readHierarchy, type Store } from "../../src/index.js";
import { collectEntries } from "../../src/store/store-keys.js";
import { checkZarr } from "../../src/zarr/check/check-zarr.js";

async function check(store: Store): Promise<Finding[]> {
  const findings: Finding[] = [];
  for await (const finding of checkZarr(store, await readHierarchy(store), { deep: true })) {
    findings.push(finding);
  }
  return findings;
}

const SMALL = { size: { c: 2, z: 2, y: 48, x: 40 }, levels: 2, chunk: 32 } as const;

const VARIANTS: readonly SampleOptions[] = [
  ...(["none", "gzip", "zstd", "blosc"] as const).flatMap((codec) => [
    { codec },
    { codec, shards: true },
    { codec, version: "0.4" as const },
  ]),
  ...(["uint8", "int16", "float32", "float64"] as const).map((dtype) => ({ dtype })),
  { separator: "." },
  { byteOrder: ">" },
  { byteOrder: ">", shards: true },
  { version: "0.4", order: "F", byteOrder: ">" },
  { version: "0.4", separator: "." },
];

test.for(VARIANTS)("nothing is wrong with the sample: %j", async (options) => {
  expect(await check(await sampleStore({ ...SMALL, ...options }))).toEqual([]);
});

test("progress comes to all entries, and their bytes", async () => {
  const store = await sampleStore(SMALL);
  let last = { entries: 0, bytes: 0 };
  const onProgress = (done: typeof last): void => {
    last = done;
  };
  for await (const _ of checkZarr(store, await readHierarchy(store), { deep: true, onProgress }));
  const entries = await collectEntries(store.list());
  expect(last).toEqual({ entries: entries.length, bytes: entries.reduce((sum, { size }) => sum + size, 0) });
});

test("an abort ends it", async () => {
  const store = await sampleStore(SMALL);
  const hierarchy = await readHierarchy(store);
  const controller = new AbortController();
  const run = async (): Promise<void> => {
    const onProgress = (): void => controller.abort(new Error("enough"));
    for await (const _ of checkZarr(store, hierarchy, { deep: true, onProgress, signal: controller.signal }));
  };
  await expect(run()).rejects.toThrow("enough");
});
