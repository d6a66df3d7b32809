import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { outsideSample, skipFor, tempFolder, writeSampleFolder } from "@ozx/testing";
import { beforeAll, describe, expect, test } from "vitest";
import { readFolder } from "./support/folders.js";
import { runOzx } from "./support/run-ozx.js";

const temp = tempFolder();
const SIZE = { size: { c: 1, z: 1, y: 48, x: 48 }, levels: 1 } as const;

const ozx = (...args: string[]) => runOzx(args, { cwd: temp.path() });
const linesOf = (file: string): Record<string, unknown>[] =>
  readFileSync(temp.path(file), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

beforeAll(async () => {
  for (const name of ["a.zarr", "b.zarr", "day1/image.zarr", "day2/image.zarr", "day2/deep/image.zarr"]) {
    await writeSampleFolder(temp.path(name), SIZE);
  }
  mkdirSync(temp.path("broken.zarr"));
});

test("each input becomes a file below --out-dir, which need not exist", async () => {
  const run = await ozx("convert", "a.zarr", "b.zarr", "--out-dir", "new/packed");
  expect(run, run.stderr).toMatchObject({ code: 0, stdout: "" });
  expect(readdirSync(temp.path("new/packed")).sort()).toEqual(["a.ozx", "b.ozx"]);
  expect(run.stderr).toMatch(/2 images: 2 written \(.*B\), .*\n$/);
  await ozx("convert", "a.zarr", "alone.ozx");
  expect(readFileSync(temp.path("new/packed/a.ozx"))).toEqual(readFileSync(temp.path("alone.ozx")));
});

test("inputs of one name in different folders never meet", async () => {
  const inputs = ["day1/image.zarr", "./day2/image.zarr/", temp.path("day2/deep/image.zarr")];
  const run = await ozx("convert", ...inputs, "--out-dir", "days");
  expect(run, run.stderr).toMatchObject({ code: 0 });
  expect([...readFolder(temp.path("days")).keys()].sort()).toEqual([
    "day1/image.ozx",
    "day2/deep/image.ozx",
    "day2/image.ozx",
  ]);
});

test.each([
  ["the same one twice", ["a.zarr", "./a.zarr/"]],
  ["a folder and its archive", ["a.zarr", "a.ozx"]],
  ["names that differ in case only", ["a.zarr", "A.zarr"]],
])("two inputs that would become one file are refused before anything is written: %s", async (_, inputs) => {
  const run = await ozx("convert", ...inputs, "--out-dir", "clash");
  expect(run).toMatchObject({ code: 2 });
  expect(run.stderr).toContain("would both become");
  expect(existsSync(temp.path("clash"))).toBe(false);
});

test("one failure stops no other, decides the exit code, and all are in the log", async () => {
  const run = await ozx(
    ...["convert", "a.zarr", "nowhere.zarr", "broken.zarr", "b.zarr"],
    ...["--out-dir", "some", "--log", "some.jsonl"],
  );
  expect(run).toMatchObject({ code: 3 });
  expect(run.stderr).toContain("ozx: nowhere.zarr does not exist");
  expect(run.stderr).toMatch(/4 images: 2 written \(.*\), 2 failed, /);
  expect(readdirSync(temp.path("some")).sort()).toEqual(["a.ozx", "b.ozx"]);
  expect(linesOf("some.jsonl")).toMatchObject([
    { input: "a.zarr", output: "some/a.ozx", state: "written", exitCode: 0, bytes: expect.any(Number) },
    {
      input: "nowhere.zarr",
      state: "failed",
      exitCode: 3,
      bytes: 0,
      message: expect.stringMatching("exist"),
    },
    { input: "broken.zarr", state: "failed", exitCode: 4, seconds: expect.any(Number) },
    { input: "b.zarr", state: "written", exitCode: 0 },
  ]);
});

describe("outputs that exist", () => {
  test("are left as they are and counted, and the log grows", async () => {
    await ozx("convert", "a.zarr", "--out-dir", "again", "--log", "again.jsonl");
    const before = readFileSync(temp.path("again/a.ozx"));
    const run = await ozx(
      "convert",
      "a.zarr",
      "b.zarr",
      "--out-dir",
      "again",
      "--log",
      "again.jsonl",
      "--quiet",
    );
    expect(run).toMatchObject({ code: 0, stdout: "" });
    expect(run.stderr).toMatch(/^2 images: 1 written \(.*\), 1 existed already, .*\n$/);
    expect(readFileSync(temp.path("again/a.ozx"))).toEqual(before);
    expect(linesOf("again.jsonl").map(({ state }) => state)).toEqual(["written", "exists", "written"]);
    expect(await ozx("convert", "a.zarr", "b.zarr", "--out-dir", "again", "--quiet")).toMatchObject({
      code: 0,
      stderr: "",
    });
  });

  test("but are no whole image are a failure, which --force replaces", async () => {
    mkdirSync(temp.path("cut"));
    writeFileSync(temp.path("cut/a.ozx"), readFileSync(temp.path("new/packed/a.ozx")).subarray(0, 900));
    const run = await ozx("convert", "a.zarr", "b.zarr", "--out-dir", "cut");
    expect(run).toMatchObject({ code: 6 });
    expect(run.stderr).toContain("cut/a.ozx exists already and is not a complete image");
    expect(run.stderr).toContain("--force replaces it");
    expect(await ozx("convert", "a.zarr", "b.zarr", "--out-dir", "cut", "--force")).toMatchObject({
      code: 0,
    });
    expect(readFileSync(temp.path("cut/a.ozx"))).toEqual(readFileSync(temp.path("new/packed/a.ozx")));
  });
});

test("--as zarr unpacks", async () => {
  const run = await ozx(
    "convert",
    "new/packed/a.ozx",
    "new/packed/b.ozx",
    "--out-dir",
    "unpacked",
    "--as",
    "zarr",
  );
  expect(run, run.stderr).toMatchObject({ code: 0 });
  expect(await ozx("verify", "a.zarr", "unpacked/a.zarr")).toMatchObject({ code: 0 });
  expect(readdirSync(temp.path("unpacked")).sort()).toEqual(["a.zarr", "b.zarr"]);
});

test("--dry-run shows each plan and writes nothing", async () => {
  const run = await ozx("convert", "a.zarr", "b.zarr", "--out-dir", "dry", "--dry-run");
  expect(run, run.stderr).toMatchObject({ code: 0 });
  expect(run.stdout).toContain("dry/a.ozx");
  expect(run.stdout).toContain("dry/b.ozx");
  expect(existsSync(temp.path("dry"))).toBe(false);
});

test.each([
  [["a.zarr", "--out-dir", "x", "-o", "y.ozx"], "cannot be used together"],
  [["--out-dir", "x"], "needs an input"],
  [["a.zarr", "--out-dir", "-"], "takes the folder"],
  [["a.zarr", "a.ozx", "--log", "x.jsonl"], "give --out-dir too"],
  [["a.zarr", "a.ozx", "--as", "zarr"], "give --out-dir too"],
  [["a.zarr", "--out-dir", "x", "--ome-zarr-version", "0.4"], "--as zarr"],
])("convert %j is refused", async (args, why) => {
  const run = await ozx("convert", ...args);
  expect(run).toMatchObject({ code: 2 });
  expect(run.stderr).toContain(why);
});

test("a log that cannot be written is an error before anything is converted", async () => {
  rmSync(temp.path("unlogged"), { recursive: true, force: true });
  const run = await ozx("convert", "a.zarr", "--out-dir", "unlogged", "--log", "no/where.jsonl");
  expect(run).toMatchObject({ code: 74 });
  expect(existsSync(temp.path("unlogged"))).toBe(false);
});

describe("with --jobs, several images at once", () => {
  test("become the same files, with one summary and a line for each in the log", async () => {
    const inputs = ["a.zarr", "b.zarr", "day1/image.zarr", "nowhere.zarr", "day2/image.zarr"];
    const args = ["convert", ...inputs, "--codec", "zstd:3"];
    const one = await ozx(...args, "--out-dir", "one", "--log", "one.jsonl");
    const many = await ozx(...args, "--out-dir", "many", "--log", "many.jsonl", "--jobs", "3");
    expect([one.code, many.code], many.stderr).toEqual([3, 3]);
    expect(readFolder(temp.path("many"))).toEqual(readFolder(temp.path("one")));
    expect(many.stderr).toMatch(/5 images: 4 written \(.*\), 1 failed, /);
    const facts = (file: string): string[] =>
      linesOf(file)
        .map(({ input, state, bytes, exitCode }) => `${input} ${state} ${bytes} ${exitCode}`)
        .sort();
    expect(facts("many.jsonl")).toEqual(facts("one.jsonl"));
  });

  test("end with SIGTERM, which leaves nothing half done", skipFor(outsideSample()), async () => {
    const size = { c: 1, z: 1, y: 1500, x: 1500 };
    const inputs = ["l1.zarr", "l2.zarr", "l3.zarr"];
    await writeSampleFolder(temp.path("l1.zarr"), { size, levels: 1, chunk: 256, codec: "none" });
    for (const copy of inputs.slice(1)) cpSync(temp.path("l1.zarr"), temp.path(copy), { recursive: true });
    const started: string[] = [];
    const run = await runOzx(
      ["convert", ...inputs, "--out-dir", "ended", "--jobs", "2", "--codec", "zstd:19"],
      {
        cwd: temp.path(),
        onStart: (kill) => {
          const timer = setInterval(() => {
            started.push(...(existsSync(temp.path("ended")) ? readdirSync(temp.path("ended")) : []));
            if (started.filter((name) => name.includes("partial")).length < 2) return;
            clearInterval(timer);
            kill("SIGTERM");
          }, 5);
        },
      },
    );
    expect(run, run.stderr).toMatchObject({ code: 143 });
    expect(readdirSync(temp.path("ended"))).toEqual([]);
  });
});
