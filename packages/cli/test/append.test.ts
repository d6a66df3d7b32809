import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tempFolder, writeSampleFolder } from "@ozx/testing";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { readFolder } from "./support/folders.js";
import { type Run, runOzx } from "./support/run-ozx.js";

const temp = tempFolder();
const ozx = (...args: string[]) => runOzx(args, { cwd: temp.path() });
const json = async (file: string, key: string) => JSON.parse((await ozx("cat", file, key)).stdout);
const SIZE = { size: { c: 1, z: 1, y: 48, x: 48 }, levels: 1 } as const;

async function done(running: Promise<Run>): Promise<Run> {
  const run = await running;
  expect(run, run.stderr + run.stdout).toMatchObject({ code: 0 });
  return run;
}

beforeAll(async () => {
  await writeSampleFolder(temp.path("field.zarr"), { ...SIZE, codec: "blosc" });
  await writeSampleFolder(temp.path("old.zarr"), { ...SIZE, version: "0.4" });
  await done(ozx("convert", "field.zarr", "field.ozx"));
  await done(ozx("convert", "field.zarr", "new.ozx", "--ome-zarr-version", "0.6"));
  const fields = ["A/1", "B/10", "B/3"].map((well) => {
    cpSync(temp.path("field.zarr"), temp.path("fields", `${well}.zarr`), { recursive: true });
    return `fields/${well}.zarr`;
  });
  await done(ozx("merge", ...fields, "first.ozx", "--name", "trial"));
  await done(ozx("merge", ...fields, "first-04.zarr", "--ome-zarr-version", "0.4"));
  await done(ozx("merge", ...fields, "first-06.ozx", "--ome-zarr-version", "0.6"));
  await done(ozx("merge", "field.ozx", "field.zarr", "first-collection.ozx", "--collection"));
});

beforeEach(() => {
  for (const name of readdirSync(temp.path())) {
    if (/^(\.|plate|collection)/.test(name)) rmSync(temp.path(name), { recursive: true });
  }
  for (const [from, to] of [
    ["first.ozx", "plate.ozx"],
    ["first-04.zarr", "plate-04.zarr"],
    ["first-06.ozx", "plate-06.ozx"],
    ["first-collection.ozx", "collection.ozx"],
  ] as const) {
    cpSync(temp.path(from), temp.path(to), { recursive: true });
  }
});

/** Whether what was added is the same as what it was made of, and the whole is valid. */
async function checkAdded(target: string, path: string, input: string): Promise<void> {
  rmSync(temp.path("taken.ozx"), { force: true });
  await done(ozx("convert", target, "taken.ozx", "--path", path));
  await done(ozx("verify", "taken.ozx", input));
  await done(ozx("validate", "--deep", target));
}

test("a field of a new well takes its place among the others", async () => {
  const before = readFileSync(temp.path("plate.ozx"));
  const run = await done(ozx("append", "plate.ozx", "field.ozx", "--well", "AB/4"));
  expect(run.stderr).toContain("added AB/4/0");
  expect(run.stderr).toMatch(/\d B in the middle of plate\.ozx are unused.*ozx fix --force plate\.ozx/);
  await checkAdded("plate.ozx", "AB/4/0", "field.ozx");
  const { plate } = (await json("plate.ozx", "zarr.json")).attributes.ome;
  expect(plate.name).toBe("trial");
  expect(plate.rows.map(({ name }: { name: string }) => name)).toEqual(["A", "B", "AB"]);
  expect(plate.columns.map(({ name }: { name: string }) => name)).toEqual(["1", "3", "4", "10"]);
  expect(plate.wells).toEqual([
    { path: "A/1", rowIndex: 0, columnIndex: 0 },
    { path: "B/3", rowIndex: 1, columnIndex: 1 },
    { path: "B/10", rowIndex: 1, columnIndex: 3 },
    { path: "AB/4", rowIndex: 2, columnIndex: 2 },
  ]);
  // The data that was there has not moved.
  const after = readFileSync(temp.path("plate.ozx"));
  const data = before.indexOf("PK\u0001\u0002");
  expect(after.subarray(0, data).equals(before.subarray(0, data))).toBe(true);
});

test("several get the next numbers of a well, with labels; wells and plates keep their own", async () => {
  await done(ozx("append", "plate.ozx", "field.ozx", "field.zarr", "--well", "B/3"));
  await checkAdded("plate.ozx", "B/3/2", "field.zarr");
  expect((await json("plate.ozx", "B/3/zarr.json")).attributes.ome.well.images).toEqual([
    { path: "0" },
    { path: "1" },
    { path: "2" },
  ]);
  expect((await json("plate.ozx", "zarr.json")).attributes.ome.plate.field_count).toBe(3);
  await done(ozx("merge", "field.ozx", "plate-other.ozx", "--layout", layout("field.ozx,H,12,5,")));
  await done(ozx("append", "plate.ozx", "plate-other.ozx"));
  await checkAdded("plate.ozx", "H/12/5", "field.ozx");
  const names = (await ozx("ls", "plate.ozx", "H/12/5/labels")).stdout;
  expect(names).toContain("zarr.json");
});

function layout(...lines: readonly string[]): string {
  writeFileSync(temp.path("layout.csv"), ["path,row,column,field,acquisition", ...lines, ""].join("\n"));
  return "layout.csv";
}

test("metadata become those of the plate's version", async () => {
  await done(ozx("append", "plate.ozx", "old.zarr", "--well", "C/1"));
  await checkAdded("plate.ozx", "C/1/0", "old.zarr");
  await done(ozx("append", "plate-06.ozx", "field.ozx", "--well", "C/1"));
  await checkAdded("plate-06.ozx", "C/1/0", "field.ozx");
  expect((await json("plate-06.ozx", "C/1/zarr.json")).attributes.ome.version).toBe("0.6");
  await done(ozx("append", "plate-04.zarr", "new.ozx", "--well", "C/1"));
  await checkAdded("plate-04.zarr", "C/1/0", "field.ozx");
  expect(existsSync(temp.path("plate-04.zarr/C/1/0/.zattrs"))).toBe(true);
});

test("a plate with several acquisitions needs one for each field, which may be new", async () => {
  const file = layout("field.ozx,A,1,0,1", "field.zarr,A,1,1,2");
  await done(ozx("merge", "plate-two.ozx", "--layout", file));
  const refused = await ozx("append", "plate-two.ozx", "field.ozx", "--well", "A/2");
  expect(refused).toMatchObject({ code: 2 });
  expect(refused.stderr).toContain("--acquisition");
  await done(ozx("append", "plate-two.ozx", "field.ozx", "--well", "A/2", "--acquisition", "3"));
  const { plate } = (await json("plate-two.ozx", "zarr.json")).attributes.ome;
  expect(plate.acquisitions.map(({ id }: { id: number }) => id)).toEqual([1, 2, 3]);
  await checkAdded("plate-two.ozx", "A/2/0", "field.ozx");
});

test("a collection gets the next images", async () => {
  await done(ozx("append", "collection.ozx", "old.zarr"));
  await done(ozx("append", "collection.ozx", "new.ozx"));
  expect((await json("collection.ozx", "OME/zarr.json")).attributes.ome.series).toEqual(["0", "1", "2", "3"]);
  await checkAdded("collection.ozx", "2", "old.zarr");
  await checkAdded("collection.ozx", "3", "field.ozx");
});

test("copies of metadata in folders tell of what is added", async () => {
  const metadata = { ".zattrs": JSON.parse(readFileSync(temp.path("plate-04.zarr/.zattrs"), "utf8")) };
  writeFileSync(
    temp.path("plate-04.zarr/.zmetadata"),
    JSON.stringify({ zarr_consolidated_format: 1, metadata }),
  );
  await done(ozx("append", "plate-04.zarr", "field.ozx", "--well", "C/1"));
  const copies = JSON.parse(readFileSync(temp.path("plate-04.zarr/.zmetadata"), "utf8")).metadata;
  expect(copies[".zattrs"].plate.wells).toHaveLength(4);
  expect(Object.keys(copies)).toEqual(
    expect.arrayContaining(["C/1/.zattrs", "C/1/0/.zattrs", "C/1/0/0/.zarray"]),
  );
});

test("--dry-run shows where images go, and writes nothing", async () => {
  const before = readFileSync(temp.path("plate.ozx"));
  const run = await done(ozx("append", "plate.ozx", "field.ozx", "--well", "B/3", "--dry-run"));
  expect(run.stdout).toMatch(/B\/3\/1 +field\.ozx/);
  expect(readFileSync(temp.path("plate.ozx")).equals(before)).toBe(true);
});

describe("is refused, and nothing is written:", () => {
  test.each([
    [["plate.ozx", "field.ozx", "--well", "B/3/0"], 2, "would both be B/3/0"],
    [["plate.ozx", "field.ozx", "--well", "B/03"], 2, "two spellings of one well"],
    [["plate.ozx", "field.ozx", "--well", "B3"], 2, "--well takes a row and a column"],
    [["plate.ozx", "field.ozx"], 2, "give its well, as in --well B/3"],
    [["plate.ozx", "plate.ozx"], 2, "would both be A/1/0"],
    [["field.ozx", "old.zarr", "--well", "B/3"], 2, "is a single image"],
    [["collection.ozx", "plate.ozx"], 2, "is a plate"],
    [["nowhere.ozx", "field.ozx", "--well", "B/3"], 3, "does not exist"],
    [["plate.ozx", "nowhere.ozx", "--well", "C/3"], 3, "does not exist"],
    [["https://example.com/plate.ozx", "field.ozx", "--well", "C/3"], 2, "on a server"],
  ])("%j", async (args, code, why) => {
    const before = readFolder(temp.path());
    const run = await ozx("append", ...args);
    expect(run, run.stderr).toMatchObject({ code });
    expect(run.stderr).toContain(why);
    expect(readFolder(temp.path())).toEqual(before);
  });

  test("a damaged archive, and files that no document lists", async () => {
    const whole = readFileSync(temp.path("plate.ozx"));
    writeFileSync(temp.path("plate.ozx"), whole.subarray(0, whole.length - 40));
    const damaged = await ozx("append", "plate.ozx", "field.ozx", "--well", "C/3");
    expect(damaged, damaged.stderr).toMatchObject({ code: 4 });
    expect(readFileSync(temp.path("plate.ozx"))).toHaveLength(whole.length - 40);
    cpSync(temp.path("field.zarr"), temp.path("plate-04.zarr/C/3/0"), { recursive: true });
    const taken = await ozx("append", "plate-04.zarr", "field.ozx", "--well", "C/3");
    expect(taken, taken.stderr).toMatchObject({ code: 2 });
    expect(taken.stderr).toContain("remove what is at C/3/0");
  });
});
