import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { skipFor, tempFolder, unlessOn, writeSampleFolder } from "@ozx/testing";
import { beforeAll, describe, expect, test } from "vitest";
import { runOzx, withoutShell } from "./support/run-ozx.js";

const temp = tempFolder();

beforeAll(async () => {
  await writeSampleFolder(temp.path("image.zarr"), { size: { c: 2, z: 1, y: 80, x: 80 }, levels: 2 });
  mkdirSync(temp.path("thesis"));
  writeFileSync(temp.path("thesis/chapter1.tex"), "years of work");
  writeFileSync(temp.path("there.ozx"), "");
});

const ozx = (...args: string[]) => runOzx(args, { cwd: temp.path() });

describe("an option that takes one value and is given twice", () => {
  test.each([
    ["convert", "image.zarr", "u.ozx", "--c", "0", "--c", "1"],
    ["convert", "image.zarr", "u.ozx", "--codec", "none", "--codec", "zstd"],
    ["info", "image.zarr", "--path", "0", "--path", "1"],
    ["verify", "-j", "1", "image.zarr", "image.zarr", "--jobs=2"],
  ])("is refused: %s", async (...args) => {
    const run = await ozx(...args);
    expect(run).toMatchObject({ code: 2, stdout: "" });
    expect(run.stderr).toMatch(/^ozx: --\w+ takes one value but is given twice, as \w+ and \w+/);
    expect(readdirSync(temp.path())).not.toContain("u.ozx");
  });

  test("of a range: neighbours can be taken together", async () => {
    expect((await ozx("convert", "image.zarr", "u.ozx", "--c", "0", "--c", "1")).stderr).toContain(
      "as in 0:2",
    );
  });
});

test.each([
  ["pack", "ozx convert"],
  ["extract", "ozx convert"],
  ["list", "ozx ls"],
  ["check", "ozx validate"],
  ["version", "ozx --version"],
])("ozx %s points to %s", async (verb, instead) => {
  const run = await ozx(verb, "image.zarr");
  expect(run).toMatchObject({ code: 2, stdout: "" });
  expect(run.stderr).toContain(instead);
});

test.each([["frob"], ["info", "--frob", "image.zarr"], ["ls", "a", "b", "c"]])(
  "what commander refuses starts as all that goes wrong does: %s",
  async (...args) => {
    const run = await ozx(...args);
    expect(run).toMatchObject({ code: 2, stdout: "" });
    expect(run.stderr).toMatch(/^ozx: /);
  },
);

test("convert of several inputs is answered with --out-dir", async () => {
  const run = await ozx("convert", "image.zarr", "other.zarr", "thesis/");
  expect(run).toMatchObject({ code: 2 });
  expect(run.stderr).toContain('"ozx convert *.zarr --out-dir packed"');
});

test.each([
  ["--ome-zarr-version", "0.4"],
  ["--shard", "w=3"],
])("%s %s is reported before the output that exists", async (...args) => {
  const run = await ozx("convert", "image.zarr", "there.ozx", ...args);
  expect(run).toMatchObject({ code: 2 });
  expect(run.stderr).not.toContain("exists");
  expect(await ozx("convert", "image.zarr", "there.ozx")).toMatchObject({ code: 6 });
});

test("replacing a folder that is not an image is never offered", async () => {
  for (const force of [[], ["--force"]]) {
    const run = await ozx("convert", "image.zarr", "thesis/", ...force);
    expect(run).toMatchObject({ code: 6, stdout: "" });
    expect(run.stderr).toBe(
      "ozx: thesis/ is a folder with other things in it: name the image too, as in thesis/image.zarr\n",
    );
  }
  expect(readdirSync(temp.path("thesis"))).toEqual(["chapter1.tex"]);
});

test("a folder's name may end in what is no format", async () => {
  expect(await ozx("convert", "image.zarr", "image_v0.5")).toMatchObject({ code: 0 });
  expect(await ozx("convert", "image.zarr", "image.tiff")).toMatchObject({ code: 2 });
});

test("--dry-run prints the free space", async () => {
  expect((await ozx("convert", "-n", "image.zarr", "new.ozx")).stdout).toMatch(/Free space +[\d.]+ [kMGT]B/);
});

describe("a terminal", skipFor(unlessOn("linux") ?? withoutShell("script")), () => {
  const onTerminal = (...args: string[]) =>
    runOzx(args, { cwd: temp.path(), shell: 'exec script -qec "$(printf "%q " "$@")" /dev/null' });

  test("is not given an archive, nor a chunk", async () => {
    for (const args of [
      ["convert", "image.zarr", "-"],
      ["cat", "image.zarr", "0/c/0/0/0/0"],
    ]) {
      const run = await onTerminal(...args);
      expect(run).toMatchObject({ code: 2 });
      expect(run.stdout).toContain("send it to a pipe or a file");
    }
  });

  test("is given metadata", async () => {
    const run = await onTerminal("cat", "image.zarr", "zarr.json");
    expect(run).toMatchObject({ code: 0 });
    expect(run.stdout).toContain('"zarr_format"');
  });
});
