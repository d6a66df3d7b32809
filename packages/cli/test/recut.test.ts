import { readFileSync } from "node:fs";
import { tempFolder, testSample, writeSampleFolder } from "@ozx/testing";
import { beforeAll, expect, test } from "vitest";
import { openOmeZarr } from "../src/index.js";
import { runOzx } from "./support/run-ozx.js";
import { runParts } from "./support/run-parts.js";

const temp = tempFolder();
const ozx = (...args: readonly string[]) => runOzx(args, { cwd: temp.path() });

beforeAll(async () => {
  const size = { c: 2, z: 5, y: 300, x: 280 };
  await writeSampleFolder(temp.path("image.zarr"), { size, levels: 2, chunk: 64 });
  await writeSampleFolder(temp.path("old.zarr"), { size, levels: 2, chunk: 64, version: "0.4" });
});

const CUTS: readonly (readonly string[])[] = [
  ["--chunks", "z=3,y=100,x=100"],
  ["--chunks", "z=5,y=32,x=32", "--shard", "y=128,x=128", "--codec", "zstd:3"],
  ["--y", "10:290", "--x", "33:", "--pyramid", "--method", "median"],
  ["--z", "1:4", "--project", "z=max", "--dtype", "uint8"],
  ["--chunks", "y=50", "--codec", "none"],
  ["--chunks", "x=50", "--codec", "gzip:1"],
  ["--chunks", "x=32", "--codec", "blosc"],
];

/** Of both versions in turn. */
const inputOf = (cut: readonly string[]): string => (CUTS.indexOf(cut) % 2 === 0 ? "old.zarr" : "image.zarr");

testSample(CUTS, 1)("%j is the same of 0.4, in parts and in one command, and validates", async (options) => {
  const input = inputOf(options);
  const run = await ozx("convert", input, "one.ozx", "--force", "--verify", ...options);
  expect(run, run.stderr).toMatchObject({ code: 0, stdout: "" });
  const validation = await ozx("validate", "--deep", "one.ozx");
  expect(validation, validation.stdout).toMatchObject({ code: 0 });
  const plan = await ozx(
    "plan",
    input,
    "parts.ozx",
    "--force",
    "--parts",
    "3",
    "-o",
    "plan.json",
    ...options,
  );
  expect(plan, plan.stderr).toMatchObject({ code: 0 });
  await runParts(temp.path(), "plan.json");
  const finish = await ozx("finish", "plan.json");
  expect(finish, finish.stderr).toMatchObject({ code: 0 });
  const [one, other] = ["one.ozx", "parts.ozx"].map((name) => readFileSync(temp.path(name)));
  expect(other?.equals(one ?? Buffer.alloc(0))).toBe(true);
});

test("a channel by its name and a range, into a folder of 0.4", async () => {
  const image = await openOmeZarr(temp.path("old.zarr"));
  const [, second] = image.images[0]?.channels ?? [];
  await image.close();
  const part = ["--c", second?.label ?? "", "--z", "1:3", "--y", "9:31"];
  const run = await ozx("convert", "old.zarr", "part.zarr", "--verify", "--ome-zarr-version", "0.4", ...part);
  expect(run, run.stderr).toMatchObject({ code: 0 });
  expect(run.stderr).toContain("recomputed, as");
  const taken = await openOmeZarr(temp.path("part.zarr"));
  expect(taken.images[0]?.channels.map(({ label }) => label)).toEqual([second?.label]);
  expect(taken.images[0]?.levels.map(({ shape }) => shape)).toEqual([
    [1, 2, 22, 280],
    [1, 2, 11, 140],
  ]);
  await taken.close();
});

test("--dry-run says what is recomputed, and what is taken", async () => {
  const options = ["--chunks", "y=100,x=100", "--project", "z=max", "--dtype", "uint16", "--window", "0..99"];
  const run = await ozx("convert", "image.zarr", "never.ozx", "--dry-run", ...options);
  expect(run.stdout).toMatch(/Part +chunks of y=100,x=100, z projected by max, uint16 of 0\.\.99\n/);
  expect(run.stdout).toMatch(/Recomputed +at most 27 chunks or shards of 2 arrays/);
});
