import { readFile } from "node:fs/promises";
import { tempFolder, writeSampleFolder } from "@ozx/testing";
import { beforeAll, expect, test } from "vitest";
import { openOmeZarr } from "../src/index.js";
import { runOzx } from "./support/run-ozx.js";

const temp = tempFolder();
const folder = (): string => temp.path("image.zarr");

beforeAll(() => writeSampleFolder(folder(), { size: { c: 1, z: 1, y: 300, x: 520 }, levels: 1, chunk: 64 }));

test("convert --pyramid adds the levels that are missing, and the result is valid", async () => {
  const run = await runOzx(["convert", folder(), temp.path("image.ozx"), "--pyramid", "--shard", "auto"]);
  expect(run, run.stderr).toMatchObject({ code: 0, stdout: "" });
  const image = await openOmeZarr(temp.path("image.ozx"));
  expect(image.images[0]?.levels.map(({ shape }) => shape)).toEqual([
    [1, 1, 300, 520],
    [1, 1, 150, 260],
    [1, 1, 75, 130],
  ]);
  await image.close();
  const validation = await runOzx(["validate", "--deep", temp.path("image.ozx")]);
  expect(validation, validation.stdout).toMatchObject({ code: 0 });
});

test("into a folder as well, and --verify compares what was there", async () => {
  const run = await runOzx(["convert", folder(), temp.path("copy.zarr"), "--pyramid", "--verify"]);
  expect(run, run.stderr).toMatchObject({ code: 0 });
});

test("--dry-run says how much would be computed", async () => {
  const run = await runOzx(["convert", folder(), temp.path("dry.ozx"), "--pyramid", "--dry-run"]);
  expect(run.stdout).toMatch(/Levels added +4\n/);
  // 3 × 5 and 2 × 3 chunks, of the image and of its labels.
  expect(run.stdout).toMatch(/Computed +at most 42 entries\n/);
});

test("--jobs changes nothing in the file", async () => {
  const source = temp.path("large.zarr");
  await writeSampleFolder(source, { size: { c: 2, z: 1, y: 600, x: 520 }, levels: 1, chunk: 256 });
  const outputs = ["1", "3"].map((jobs) => [jobs, temp.path(`jobs-${jobs}.ozx`)] as const);
  for (const [jobs, output] of outputs) {
    const run = await runOzx(["convert", source, output, "--pyramid", "--jobs", jobs]);
    expect(run, run.stderr).toMatchObject({ code: 0 });
  }
  const [one, three] = await Promise.all(outputs.map(([, output]) => readFile(output)));
  expect(three?.equals(one ?? new Uint8Array())).toBe(true);
});
