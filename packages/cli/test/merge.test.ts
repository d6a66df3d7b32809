import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cp } from "node:fs/promises";
import { tempFolder, writeSampleFolder } from "@ozx/testing";
import { beforeAll, describe, expect, test } from "vitest";
import { readFolder } from "./support/folders.js";
import { runOzx } from "./support/run-ozx.js";

const temp = tempFolder();
const ozx = (...args: string[]) => runOzx(args, { cwd: temp.path() });

const SIZE = { size: { c: 1, z: 1, y: 48, x: 48 }, levels: 1 } as const;
const FIELDS = { "B/03/0": "zstd", "B/03/1": "blosc", "C/04/0": "none" } as const;

beforeAll(async () => {
  for (const [path, codec] of Object.entries(FIELDS)) {
    await writeSampleFolder(temp.path(`fields/${path}.zarr`), { ...SIZE, codec });
    const run = await ozx("convert", `fields/${path}.zarr`, `${path.replaceAll("/", "_")}.ozx`);
    expect(run, run.stderr).toMatchObject({ code: 0 });
  }
  await writeSampleFolder(temp.path("old/A1.zarr"), { ...SIZE, version: "0.4" });
});

const inputs = Object.keys(FIELDS).map((path) => `fields/${path}.zarr`);

test("fields become a plate by their names, with chunks of any codec as they are", async () => {
  const run = await ozx("merge", ...inputs, "plate.ozx", "--name", "trial", "--verify");
  expect(run, run.stderr).toMatchObject({ code: 0, stdout: "" });
  expect(run.stderr).toContain("plate.ozx: OME-Zarr 0.5, ");
  expect(run.stderr).toContain("the same as in fields/B/03/0.zarr and 2 others");
  const valid = await ozx("validate", "--deep", "plate.ozx");
  expect(valid, valid.stdout).toMatchObject({ code: 0 });
  await ozx("convert", "plate.ozx", "plate.zarr");
  const written = readFolder(temp.path("plate.zarr"));
  for (const path of Object.keys(FIELDS)) {
    for (const [name, bytes] of readFolder(temp.path(`fields/${path}.zarr`))) {
      expect(written.get(`${path}/${name}`)?.equals(bytes), `${path}/${name}`).toBe(true);
    }
  }
  const info = await ozx("info", "plate.ozx", "--json");
  expect(info.stdout).toContain('"trial"');
});

test("a folder, a plate of archives and one of folders are the same", async () => {
  const archives = Object.keys(FIELDS).map((path) => `${path.replaceAll("/", "_")}.ozx`);
  const run = await ozx("merge", ...archives, "from-archives.ozx", "--name", "trial");
  expect(run, run.stderr).toMatchObject({ code: 0 });
  await ozx("merge", ...inputs, "again.ozx", "--name", "trial");
  const [one, other] = ["from-archives.ozx", "again.ozx"].map((name) => readFileSync(temp.path(name)));
  expect(one?.equals(other ?? Buffer.from(""))).toBe(true);
});

test("wells that were taken out of a plate make it again", async () => {
  for (const well of ["B/03", "C/04"]) {
    await ozx("convert", "plate.ozx", `well-${well.replace("/", "")}.ozx`, "--path", well);
    await cp(temp.path(`well-${well.replace("/", "")}.ozx`), temp.path(`wells/${well.replace("/", "")}.ozx`));
  }
  const run = await ozx("merge", "wells/B03.ozx", "wells/C04.ozx", "whole.ozx", "--name", "trial");
  expect(run, run.stderr).toMatchObject({ code: 0 });
  const same = await ozx("verify", "--bytes", "whole.ozx", "plate.ozx");
  expect(same, same.stderr + same.stdout).toMatchObject({ code: 0 });
});

test("a layout names positions and acquisitions, with paths relative to it", async () => {
  writeFileSync(
    temp.path("fields/layout.csv"),
    "path,row,column,field,acquisition\nB/03/0.zarr,D,1,0,1\nB/03/1.zarr,D,1,,2\n",
  );
  const run = await ozx("merge", "laid.ozx", "--layout", "fields/layout.csv");
  expect(run, run.stderr).toMatchObject({ code: 0 });
  const well = JSON.parse((await ozx("cat", "laid.ozx", "D/1/zarr.json")).stdout);
  expect(well.attributes.ome.well.images).toEqual([
    { path: "0", acquisition: 1 },
    { path: "1", acquisition: 2 },
  ]);
});

test("images without positions become a collection, 0.4 becomes 0.5, and folders can be written", async () => {
  for (const name of ["one", "two"])
    await cp(temp.path("old/A1.zarr"), temp.path(`old/${name}.zarr`), { recursive: true });
  const run = await ozx("merge", "old/one.zarr", "old/two.zarr", "collection.ozx", "--verify");
  expect(run, run.stderr).toMatchObject({ code: 0 });
  const valid = await ozx("validate", "collection.ozx");
  expect(valid, valid.stdout).toMatchObject({ code: 0 });
  expect((await ozx("merge", "old/A1.zarr", "old-plate.zarr")).code).toBe(0);
  expect(existsSync(temp.path("old-plate.zarr/A/1/0/.zattrs"))).toBe(true);
  expect(await ozx("validate", "old-plate.zarr")).toMatchObject({ code: 0 });
});

test("--dry-run only shows what would be written", async () => {
  const run = await ozx("merge", ...inputs, "dry.ozx", "--dry-run");
  expect(run, run.stderr).toMatchObject({ code: 0 });
  expect(run.stdout).toContain("entries");
  expect(existsSync(temp.path("dry.ozx"))).toBe(false);
});

describe("is refused, and nothing is written:", () => {
  test.each([
    [["out.ozx"], 2, "merge needs inputs and an output"],
    [[...inputs, "plate.ozx"], 6, "plate.ozx exists already"],
    [[inputs[0] ?? "", `./${inputs[0]}`, "out.ozx"], 2, "is given twice"],
    [["B_03_0.ozx", "fields/B/03/0.zarr", "out.ozx"], 2, "would both be B/03/0"],
    [["fields/B/03/0.zarr", "plate.zarr/C/04/0", "well-C04.ozx", "out.ozx"], 2, "well-C04.ozx belongs"],
    [["old/A1.zarr", "fields/B/03/0.zarr", "out.ozx"], 2, "OME-Zarr 0.4"],
    [["nowhere/A1.ozx", "out.ozx"], 3, "does not exist"],
    [["fields/B/03/0.zarr", "out.ozx", "--layout", "fields/layout.csv"], 2, "not among the inputs"],
    [["fields/C/04/0.zarr", "fields/C/04/0.zarr/in.ozx"], 2, "is inside"],
  ])("%j", async (args, code, why) => {
    const run = await ozx("merge", ...args);
    expect(run, run.stderr).toMatchObject({ code });
    expect(run.stderr).toContain(why);
    expect(existsSync(temp.path("out.ozx"))).toBe(false);
  });
});
