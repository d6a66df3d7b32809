import { readFileSync } from "node:fs";
import { tempFolder, testSample, writeSampleFolder } from "@ozx/testing";
import { beforeAll, expect, test } from "vitest";
import { readFolder } from "./support/folders.js";
import { runOzx } from "./support/run-ozx.js";

const temp = tempFolder();
const ozx = (...args: string[]) => runOzx(args, { cwd: temp.path() });

beforeAll(async () => {
  const options = { size: { c: 2, z: 1, y: 100, x: 100 }, levels: 2, chunk: 64 } as const;
  await writeSampleFolder(temp.path("old.zarr"), { ...options, version: "0.4", codec: "blosc" });
  await writeSampleFolder(temp.path("new.zarr"), { ...options, version: "0.5" });
});

const versions: readonly [input: string, version: string, output: string][] = [
  ["old.zarr", "0.4", "old04.zarr"],
  ["old.zarr", "0.5", "old05.zarr"],
  ["old.zarr", "0.6", "old06.ozx"],
  ["new.zarr", "0.4", "new04.zarr"],
  ["new.zarr", "0.6", "new06.ozx"],
];
testSample(versions, 3)("%s as %s is valid and the same image", async ([input, version, output]) => {
  const run = await ozx("convert", input, output, "--ome-zarr-version", version, "--verify");
  expect(run, run.stderr).toMatchObject({ code: 0 });
  const [file] = JSON.parse((await ozx("info", "--json", output)).stdout).files;
  expect(file).toMatchObject({ omeVersion: version, zarrFormat: version === "0.4" ? 2 : 3 });
  expect(await ozx("validate", "--deep", output)).toMatchObject({ code: 0 });
});

test("the archive's comment says the version", async () => {
  await ozx("convert", "new.zarr", "comment.ozx", "--ome-zarr-version", "0.6", "--path", "labels/cells");
  expect(readFileSync(temp.path("comment.ozx")).toString("latin1")).toMatch(
    /\{"ome":\{"version":"0\.6",.*\}$/,
  );
});

testSample([[["--shard", "auto"]], [[]]], 1)(
  "0.4 through an archive and back has the chunks that it had: %j",
  async ([options = []]) => {
    await ozx("convert", "old.zarr", "there.ozx", "--force", ...options);
    const run = await ozx("convert", "there.ozx", "back.zarr", "--force", "--ome-zarr-version", "0.4");
    expect(run, run.stderr).toMatchObject({ code: 0 });
    const [before, after] = [readFolder(temp.path("old.zarr")), readFolder(temp.path("back.zarr"))];
    expect([...after.keys()]).toEqual([...before.keys()]);
    for (const [name, value] of before) {
      if (!/\.z\w+$/.test(name)) expect(after.get(name)?.equals(value), name).toBe(true);
    }
  },
);

test("shards become chunks, and it is said", async () => {
  await ozx("convert", "new.zarr", "sharded.ozx", "--shard", "auto");
  const dry = await ozx("convert", "sharded.ozx", "flat.zarr", "--ome-zarr-version", "0.4", "--dry-run");
  expect(dry.stdout).toMatch(/Unsharded +\d+ shards of 3 arrays, [\d.]+ kB: at most \d+ chunks, unchanged; /);
  const run = await ozx("convert", "sharded.ozx", "flat.zarr", "--ome-zarr-version", "0.4", "--verify");
  expect(run, run.stderr).toMatchObject({ code: 0 });
  expect(run.stderr).toContain("OME-Zarr 0.4 has no shards");
});

test.each([
  [["new.zarr", "never.ozx", "--ome-zarr-version", "0.4"], 2, "RFC-9"],
  [["new.zarr", "never.zarr", "--ome-zarr-version", "0.3"], 2, "0.4, 0.5 or 0.6"],
  [["new.zarr", "never.zarr", "--ome-zarr-version", "0.4", "--shard", "auto"], 2, "cannot be used together"],
] as const)("%j is refused", async (args, code, sentence) => {
  const run = await ozx("convert", ...args);
  expect(run, run.stderr).toMatchObject({ code, stdout: "" });
  expect(run.stderr).toContain(sentence);
});
