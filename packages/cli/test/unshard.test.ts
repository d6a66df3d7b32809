import { readFileSync, writeFileSync } from "node:fs";
import { tempFolder, testSample, writeSampleFolder } from "@ozx/testing";
import { beforeAll, expect, test } from "vitest";
import { readFolder } from "./support/folders.js";
import { runOzx } from "./support/run-ozx.js";

const temp = tempFolder();
const ozx = (...args: string[]) => runOzx(args, { cwd: temp.path() });

beforeAll(async () => {
  const size = { c: 2, z: 2, y: 200, x: 200 };
  await writeSampleFolder(temp.path("image.zarr"), { size, levels: 1, chunk: 64 });
  const run = await ozx("convert", "image.zarr", "sharded.ozx", "--shard", "y=128,x=128");
  expect(run, run.stderr).toMatchObject({ code: 0 });
});

test("a folder through shards and back is the folder that it was, byte for byte", async () => {
  const run = await ozx("convert", "sharded.ozx", "back.zarr", "--shard", "none", "--verify");
  expect(run, run.stderr).toMatchObject({ code: 0 });
  const [before, after] = [readFolder(temp.path("image.zarr")), readFolder(temp.path("back.zarr"))];
  expect([...after.keys()]).toEqual([...before.keys()]);
  for (const [name, value] of before) {
    if (!name.endsWith("zarr.json")) expect(after.get(name)?.equals(value), name).toBe(true);
    else expect(JSON.parse(String(after.get(name))), name).toEqual(JSON.parse(String(value)));
  }
});

const CASES: readonly [what: string, output: string, options: readonly string[]][] = [
  ["another archive", "flat.ozx", []],
  ["re-encoded", "blosc.ozx", ["--codec", "blosc:lz4"]],
  ["with the smaller levels", "levels.ozx", ["--pyramid"]],
  ["one label image", "cells.zarr", ["--path", "labels/cells"]],
  ["one channel", "channel.ozx", ["--c", "1"]],
];
testSample(CASES, 3)("%s is valid and the same image", async ([, output, options]) => {
  const run = await ozx("convert", "sharded.ozx", output, "--shard", "none", "--verify", ...options);
  expect(run, run.stderr).toMatchObject({ code: 0 });
  expect(await ozx("validate", "--deep", output)).toMatchObject({ code: 0 });
  const [file] = JSON.parse((await ozx("info", "--json", output)).stdout).files;
  expect(JSON.stringify(file)).toContain('"shards":null');
  expect(JSON.stringify(file)).not.toContain('"shards":[');
});

test("the plan says what would leave its shards", async () => {
  const run = await ozx("convert", "sharded.ozx", "never.zarr", "--shard", "none", "-n");
  expect(run.stdout).toMatch(/Unsharded +24 shards of 2 arrays, [\d.]+ kB: at most 96 chunks, unchanged\n/);
});

test("a shard whose index is damaged is named, and nothing is written", async () => {
  const run = await ozx("convert", "sharded.ozx", "broken.zarr");
  expect(run, run.stderr).toMatchObject({ code: 0 });
  const shard = temp.path("broken.zarr/0/c/1/0/1/0");
  const bytes = readFileSync(shard);
  const at = bytes.length - 20;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(shard, bytes);
  const refused = await ozx("convert", "broken.zarr", "never.zarr", "--shard", "none");
  expect(refused).toMatchObject({ code: 4, stdout: "" });
  expect(refused.stderr).toContain("0/c/1/0/1/0 in broken.zarr is damaged: its index");
  expect(await ozx("info", "never.zarr")).toMatchObject({ code: 3 });
});
