import { type SampleOptions, sampleStore } from "@ozx/testing";
import { describe, expect, test } from "vitest";
import { planTransfer } from "../../src/index.js";
import type { PlanOptions } from "../../src/plan/plan-transfer.js";

const SIZE = { size: { c: 2, z: 1, y: 100, x: 90 }, levels: 1, chunk: 32 } as const;

describe.each([
  ["chunks", {}, {}, true],
  ["shards of chunks", {}, { shard: { y: 64, x: 64 } }, true],
  ["chunks out of shards", { shards: true }, { shard: "none" }, false],
  ["shards of shards", { shards: true }, {}, false],
] as [string, SampleOptions, PlanOptions, boolean][])(
  "%s without compression",
  (_, sample, options, isKnown) => {
    test("are as large as planned", async () => {
      const source = await sampleStore({ ...SIZE, ...sample, codec: "zstd" });
      const { generated } = await planTransfer(source, {}, { ...options, codec: { name: "none" } });
      let bytes = 0;
      let largest = 0;
      for await (const entry of generated?.produce() ?? []) {
        let size = 0;
        if (entry.bytes instanceof Uint8Array) size = entry.bytes.length;
        else for await (const block of entry.bytes) size += block.length;
        bytes += size;
        largest = Math.max(largest, size);
      }
      expect(generated).toMatchObject({ bytes, leastBytes: isKnown ? bytes : 0 });
      expect(generated?.largest).toBeGreaterThanOrEqual(largest);
    });
  },
);

test("compressed entries have no lower bound", async () => {
  const plan = await planTransfer(await sampleStore(SIZE), {}, { codec: { name: "gzip" } });
  expect(plan.generated).toMatchObject({ leastBytes: 0 });
  expect(plan.generated?.bytes).toBeGreaterThan(0);
});

test.each([
  ["copied", {}],
  ["generated", { codec: { name: "none" } }],
  ["added as levels", { pyramid: true }],
] as [string, PlanOptions][])(
  "entries that are too large for some reader are reported if they are %s",
  async (_, options) => {
    const source = await sampleStore({ ...SIZE, size: { ...SIZE.size, y: 300 }, codec: "zstd" });
    const rules = async (largestEntry?: number): Promise<string[]> =>
      (await planTransfer(source, { largestEntry }, options)).findings.map(({ rule }) => rule);
    expect(await rules(10)).toContain("large-entry");
    expect(await rules(100_000_000)).not.toContain("large-entry");
    expect(await rules()).not.toContain("large-entry");
  },
);
