import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sampleMap, testSample } from "../src/index.js";

const run = promisify(execFile);
const script = fileURLToPath(new URL("../../../scripts/make-sample.mjs", import.meta.url));

describe("scripts/make-sample.mjs", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "ozx-sample-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test("writes the sample as files, with plain node and nothing built", async () => {
    const out = join(folder, "with space", "cells.zarr");
    const args =
      "--version 0.4 --codec gzip --order F --byte-order big --size 1,2,30,40 --levels 2 --chunk 16";
    const { stdout } = await run(process.execPath, [script, out, ...args.split(" ")]);
    expect(stdout.trim()).toBe(out);
    const expected = await sampleMap({
      version: "0.4",
      codec: "gzip",
      order: "F",
      byteOrder: ">",
      size: { c: 1, z: 2, y: 30, x: 40 },
      levels: 2,
      chunk: 16,
    });
    const files = (await readdir(out, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    const keys = files.map((file) => `/${relative(out, file).split(sep).join("/")}`);
    expect(keys.sort()).toEqual([...expected.keys()].sort());
    for (const [key, value] of expected) {
      expect(Buffer.compare(await readFile(join(out, key)), value), key).toBe(0);
    }
  });

  const mistakes: readonly (readonly [what: string, args: readonly string[]])[] = [
    ["no folder", []],
    ["an unknown option", ["x.zarr", "--colour"]],
    ["an unknown codec", ["x.zarr", "--codec", "lzma"]],
    ["a dtype of Zarr that the sample has not", ["x.zarr", "--dtype", "uint64"]],
    ["options that contradict each other", ["x.zarr", "--shards", "--version", "0.4"]],
    ["a size that is no number", ["x.zarr", "--size", "1,2,a,4"]],
  ];
  testSample(mistakes, 2)("says how to use it: %s", async ([, args]) => {
    const failure = run(process.execPath, [script, ...args], { cwd: folder });
    await expect(failure).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining("Usage:") });
    expect(await readdir(folder)).not.toContain("x.zarr");
  });
});
