import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { inflateSync } from "node:zlib";
import { imageMetadata, smallImage, tempFolder, writeSampleFolder } from "@ozx/testing";
import { createImage, createPlate } from "ozx";
import { beforeAll, describe, expect, test } from "vitest";
import { stackOf } from "../../store-tiff/test/fixtures/stack.js";
import { readFolder, writeEntries } from "./support/folders.js";
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

describe("--inside", () => {
  const JPEG = "Thumbnails/thumbnail.jpg";
  const ozxIn = (...args: string[]) => runOzx(args, { cwd: temp.path() });

  /** The entries of an archive, and of them those that readers of OME-Zarr look at. */
  async function unpacked(name: string) {
    const folder = `${name}.unpacked.zarr`;
    expect(await ozxIn("convert", "--quiet", "--force", name, folder)).toMatchObject({ code: 0 });
    const entries = readFolder(temp.path(folder));
    return { entries, image: new Map([...entries].filter(([key]) => key !== JPEG)) };
  }

  async function rulesBroken(name: string): Promise<string[]> {
    const { stdout } = await ozxIn("validate", "--json", name);
    return JSON.parse(stdout).reports[0].findings.map(({ rule }: { rule: string }) => rule);
  }

  test("puts a JPEG into an archive, in place of the one that is there", async () => {
    await ozxIn("convert", "--quiet", "cells.zarr", "with.ozx");
    const [before, broken] = [await unpacked("with.ozx"), await rulesBroken("with.ozx")];
    for (const size of ["100", "50"]) {
      const run = await ozx("with.ozx", "--inside", "--size", size);
      expect(run, run.stderr).toMatchObject({ code: 0, stdout: "" });
    }
    const after = await unpacked("with.ozx");
    expect(sizeOfJpeg(after.entries.get(JPEG))).toEqual({ width: 25, height: 50 });
    expect(after.image).toEqual(before.entries);
    expect((await ozxIn("ls", "with.ozx")).stdout.split("\n").filter((key) => key === JPEG)).toHaveLength(1);
    // The first picture is unused now, which is what fix --force is for.
    expect(await rulesBroken("with.ozx")).toEqual(expect.arrayContaining(["orphan-local"]));
    const fixed = await ozxIn("fix", "--force", "with.ozx");
    expect(fixed, fixed.stderr).toMatchObject({ code: 0 });
    expect(await rulesBroken("with.ozx")).toEqual([...broken, "unknown-files"]);
    expect((await unpacked("with.ozx")).entries).toEqual(after.entries);
  });

  test("puts it into a folder, from which archives get it", async () => {
    await writeSampleFolder(temp.path("with.zarr"), { size: { c: 1, z: 1, y: 40, x: 30 }, levels: 1 });
    expect(await ozx("with.zarr", "--inside", "--quiet")).toMatchObject({ code: 0, stderr: "" });
    const jpeg = readFileSync(temp.path("with.zarr", JPEG));
    expect(sizeOfJpeg(jpeg)).toEqual({ width: 30, height: 40 });
    await ozxIn("convert", "--quiet", "with.zarr", "packed.ozx");
    expect((await unpacked("packed.ozx")).entries.get(JPEG)).toEqual(jpeg);
  });

  test("is written by convert --thumbnail, which leaves nothing unused", async () => {
    const run = await ozxIn("convert", "cells.zarr", "drawn.ozx", "--thumbnail", "--verify");
    expect(run, run.stderr).toMatchObject({ code: 0, stdout: "" });
    const { entries } = await unpacked("drawn.ozx");
    expect(sizeOfJpeg(entries.get(JPEG))).toEqual({ width: 100, height: 200 });
    expect(await rulesBroken("drawn.ozx")).not.toContain("orphan-local");
    writeEntries(temp.path("plain.zarr"), new Map([["/zarr.json", GROUP]]));
    const plain = await ozxIn("convert", "plain.zarr", "plain.zip", "--thumbnail");
    expect(plain).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("no thumbnail: plain.zip has no"),
    });
    for (const output of ["-", "s3://bucket/image.ozx"]) {
      const refused = await ozxIn("convert", "cells.zarr", output, "--thumbnail");
      expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("leave out --thumbnail") });
    }
  });

  test("is refused with the way out where nothing can be added, and beside an output", async () => {
    const both = await ozx("cells.zarr", "a.png", "--inside");
    expect(both).toMatchObject({ code: 2, stderr: expect.stringContaining("leave out a.png") });
    const neither = await ozx("cells.zarr");
    expect(neither).toMatchObject({ code: 2, stderr: expect.stringContaining("--inside") });
    writeFileSync(temp.path("plain.tif"), stackOf([0]));
    const tiff = await ozx("plain.tif", "--inside");
    expect(tiff).toMatchObject({
      code: 5,
      stderr: expect.stringContaining("ozx convert plain.tif image.ozx"),
    });
    expect(readdirSync(temp.path()).filter((name) => name.startsWith("."))).toEqual([]);
  });
});

const GROUP = new TextEncoder().encode(JSON.stringify({ zarr_format: 3, node_type: "group" }));

/** Of its frame header; see ITU-T T.81, B.2.2. */
function sizeOfJpeg(jpeg: Buffer = Buffer.alloc(4)): { width: number; height: number } {
  expect([jpeg.readUInt16BE(0), jpeg.readUInt16BE(jpeg.length - 2)]).toEqual([0xffd8, 0xffd9]);
  const frame = jpeg.indexOf(Buffer.from([0xff, 0xc0]));
  return { height: jpeg.readUInt16BE(frame + 5), width: jpeg.readUInt16BE(frame + 7) };
}
