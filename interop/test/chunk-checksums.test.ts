import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeSample, python, runOzx, runPython } from "../support/run.js";
import { describeWithTools } from "../support/tools.js";

const BITS = 60;

describeWithTools("zarr-python, with one bit of a chunk damaged", [python], () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "ozx-checksums-"));
    await makeSample(join(folder, "image.zarr"), ["--codec", "gzip", "--levels", "1"]);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test.for([
    ["zstd", ["--codec", "zstd:3"]],
    ["zstd in shards", ["--codec", "zstd:3", "--shard", "auto"]],
    ["gzip in shards", ["--codec", "gzip:5", "--shard", "auto"]],
    ["blosc in shards", ["--codec", "blosc:lz4:5", "--shard", "auto"]],
    ["no compression in shards", ["--codec", "none", "--shard", "auto"]],
  ] as const)("notices it in %s", { timeout: 120_000 }, async ([name, options]) => {
    const output = join(folder, `${name.replaceAll(" ", "-")}.zarr`);
    await runOzx("convert", join(folder, "image.zarr"), output, ...options);
    const found = (await runPython("damage_chunks.py", join(output, "0"), String(BITS))) as Record<
      string,
      number
    >;
    expect(found).toMatchObject({ noticed: BITS, unnoticed: 0 });
    expect(found["checksums"]).toBe(found["frames"]);
    if (name === "zstd") expect(found["frames"]).toBeGreaterThan(0);
  });
});
