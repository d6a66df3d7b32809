import { readFileSync } from "node:fs";
import { inflateSync } from "node:zlib";
import { imageMetadata, smallImage, tempFolder, writeSampleFolder } from "@ozx/testing";
import { createImage, createPlate } from "ozx";
import { beforeAll, expect, test } from "vitest";
import { writeEntries } from "./support/folders.js";
import { runOzx } from "./support/run-ozx.js";

const temp = tempFolder();
const ozx = (...args: string[]) => runOzx(["thumbnail", ...args], { cwd: temp.path() });

/** The size and the first pixel of a PNG without filters. */
function look(name: string): { width: number; height: number; first: readonly number[] } {
  const png = readFileSync(temp.path(name));
  const data = png.indexOf("IDAT");
  const rows = inflateSync(png.subarray(data + 4, data + 4 + png.readUInt32BE(data - 4)));
  return { width: png.readUInt32BE(16), height: png.readUInt32BE(20), first: [...rows.subarray(1, 4)] };
}

beforeAll(async () => {
  const options = { size: { c: 1, z: 3, y: 200, x: 100 }, levels: 2, chunk: 64 } as const;
  await writeSampleFolder(temp.path("cells.zarr"), options);
});

test("is at most as large as it is asked to be, and keeps its proportions", async () => {
  expect(await ozx("cells.zarr", "small.png", "--size", "50")).toMatchObject({ code: 0 });
  expect(look("small.png")).toMatchObject({ width: 25, height: 50 });
});

test("does not enlarge a small image", async () => {
  await ozx("cells.zarr", "large.png", "--size", "1000");
  expect(look("large.png")).toMatchObject({ width: 100, height: 200 });
});

test("adds up the colours of active channels, within their windows", async () => {
  const window = { start: 0, end: 100, min: 0, max: 255 };
  const image = await createImage(temp.path("colours.ozx"), {
    axes: ["c", "y", "x"],
    shape: [2, 32, 32],
    dtype: "uint8",
    channels: [
      { label: "red", color: "FF0000", window },
      { label: "green", color: "00FF00", window },
    ],
  });
  await image.write({ c: 0 }, new Uint8Array(32 * 32).fill(100));
  await image.write({ c: 1 }, new Uint8Array(32 * 32).fill(40));
  await image.close();
  await ozx("colours.ozx", "colours.png");
  expect(look("colours.png").first).toEqual([255, 102, 0]);
});

test("draws the first active channel in white where the metadata asks for greyscale", async () => {
  const window = { start: 0, end: 100, min: 0, max: 255 };
  const channels = [
    { active: false, color: "FF0000", window },
    { active: true, color: "00FF00", window },
    { active: true, color: "0000FF", window },
  ];
  const omero = { channels, rdefs: { model: "greyscale" } };
  const array = { shape: [3, 32, 32], dataType: "uint8", valueAt: () => 40 } as const;
  const map = smallImage({ "/": { ...imageMetadata("cyx"), omero } }, { "/0": array });
  writeEntries(temp.path("grey.zarr"), map);
  await ozx("grey.zarr", "grey.png");
  expect(look("grey.png").first).toEqual([102, 102, 102]);
});

test("draws the first field of a plate", async () => {
  const plate = await createPlate(temp.path("plate.ozx"), { rows: ["A"], columns: ["1", "2"] });
  for (const well of ["A/1", "A/2"]) {
    const field = await plate.createField(well, { axes: ["y", "x"], shape: [40, 30], dtype: "uint8" });
    await field.write({}, new Uint8Array(40 * 30).fill(7));
  }
  await plate.close();
  expect(await ozx("plate.ozx", "plate.png")).toMatchObject({ code: 0 });
  expect(look("plate.png")).toMatchObject({ width: 30, height: 40 });
});

test("replaces a PNG, but no other file", async () => {
  await ozx("cells.zarr", "again.png");
  const before = readFileSync(temp.path("again.png"));
  expect(await ozx("cells.zarr", "again.png")).toMatchObject({ code: 0 });
  expect(readFileSync(temp.path("again.png")).equals(before)).toBe(true);
  const refused = await ozx("cells.zarr", "colours.ozx");
  expect(refused.code).toBe(6);
  expect(refused.stderr).toContain("colours.ozx exists and is not a PNG");
});

test.each(["0", "8", "9999", "large"])("a size of %s is wrong usage", async (size) => {
  const run = await ozx("cells.zarr", "never.png", "--size", size);
  expect(run.code).toBe(2);
  expect(run.stderr).toContain("from 16 to 4096");
});
