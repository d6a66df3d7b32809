import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compareValues } from "../support/compare-values.js";
import { python, runOzx, runPython } from "../support/run.js";
import { describeWithTools } from "../support/tools.js";

describeWithTools("zarr-python, with every codec, order, byte order and type", [python], () => {
  let temporary = "";
  let folder = "";
  let names: string[] = [];
  beforeAll(async () => {
    temporary = await mkdtemp(join(tmpdir(), "ozx-codecs-"));
    folder = join(temporary, "codecs.zarr");
    names = (await runPython("make_codecs.py", folder)) as string[];
  }, 300_000);
  afterAll(() => rm(temporary, { recursive: true, force: true }));

  // At once: each spends most of its time in processes of one thread, and no other file takes as long.
  const atOnce = { concurrent: true, timeout: 600_000 };

  test.for([
    ["upgraded", []],
    ["zstd", ["--codec", "zstd:5"]],
    ["gzip", ["--codec", "gzip:6"]],
    ["blosc with byte shuffle", ["--codec", "blosc:lz4:5:shuffle"]],
    ["blosc with bit shuffle", ["--codec", "blosc:zstd:5:bitshuffle"]],
    ["blosc with defaults, in shards", ["--codec", "blosc:zlib", "--shard", "y=6,x=8"]],
    ["none", ["--codec", "none"]],
    ["upgraded, in shards", ["--shard", "auto"]],
  ] as const)("reads the values that it wrote: %s", atOnce, async ([name, options]) => {
    const archive = join(temporary, `${name.replaceAll(/\W+/g, "-")}.ozx`);
    await runOzx("convert", folder, archive, ...options);
    const found = await compareValues(folder, archive);
    expect(found.arrays.toSorted()).toEqual(names.toSorted());
    expect(found).toMatchObject({ missing: [], added: [], differentValues: [], zarrFormats: [3] });
  });

  test.for([
    ["from shards", "unsharded.zarr", ["--shard", "none"]],
    ["from shards, as 0.4", "old.zarr", ["--ome-zarr-version", "0.4"]],
  ] as const)("reads the values that it wrote: %s", atOnce, async ([, name, options]) => {
    const [sharded, flat] = [join(temporary, `shards-for-${name}.ozx`), join(temporary, name)];
    await runOzx("convert", folder, sharded, "--shard", "auto");
    await runOzx("convert", sharded, flat, ...options);
    const found = await compareValues(flat, sharded);
    expect(found.arrays.toSorted()).toEqual(names.toSorted());
    expect(found).toMatchObject({ missing: [], added: [], differentValues: [] });
  });
});
