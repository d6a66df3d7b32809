import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compareValues } from "../support/compare-values.js";
import { python, runOzx, runPython } from "../support/run.js";
import { describeWithTools } from "../support/tools.js";

describeWithTools("zarr-python, with its own shards split into chunks", [python], () => {
  let folder = "";
  let names: string[] = [];
  const at = (name: string): string => join(folder, name);
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "ozx-shards-"));
    names = (await runPython("make_shards.py", at("shards.zarr"))) as string[];
  }, 120_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test.for([
    ["as they are", "flat.ozx", ["--shard", "none"]],
    ["recompressed", "gzip.ozx", ["--shard", "none", "--codec", "gzip:6"]],
    ["in other shards", "other.ozx", ["--shard", "y=16,x=24"]],
  ] as const)("reads the values that it wrote: %s", { timeout: 120_000 }, async ([, name, options]) => {
    await runOzx("convert", at("shards.zarr"), at(name), ...options);
    const found = await compareValues(at("shards.zarr"), at(name));
    expect(found.arrays.toSorted()).toEqual(names.toSorted());
    expect(found).toMatchObject({ missing: [], added: [], differentValues: [], zarrFormats: [3] });
  });

  test("reads them as OME-Zarr 0.4", { timeout: 120_000 }, async () => {
    await runOzx("convert", at("shards.zarr"), at("end.ozx"));
    await runOzx("convert", at("shards.zarr"), at("old.zarr"), "--ome-zarr-version", "0.4");
    const found = await compareValues(at("old.zarr"), at("end.ozx"));
    expect(found.arrays.toSorted()).toEqual(names.toSorted());
    expect(found).toMatchObject({ missing: [], added: [], differentValues: [] });
    // 3 × 6 × 5 chunks; those with only fill values are stored in the arrays called `all`.
    const files = async (array: string): Promise<number> => {
      const found = await readdir(at(`old.zarr/${array}`), { recursive: true, withFileTypes: true });
      return found.filter((entry) => entry.isFile() && !entry.name.startsWith(".")).length;
    };
    expect(await files("none-start-all")).toBe(90);
    expect(await files("none-end-some")).toBeLessThan(90);
  });
});
