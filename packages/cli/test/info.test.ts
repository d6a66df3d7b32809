import { writeFileSync } from "node:fs";
import { describeWithSharedData, tempFolder, writeSampleFolder } from "@ozx/testing";
import { zipSync } from "fflate";
import { beforeAll, expect, test } from "vitest";
import { array, group, image, writeCollection, writeFiles, writeImage, writePlate } from "./info-fixtures.js";
import { readFolder } from "./support/folders.js";
import { runOzx } from "./support/run-ozx.js";

const temp = tempFolder();

async function info(...args: string[]): Promise<string> {
  const run = await runOzx(["info", ...args], { cwd: temp.path() });
  expect(run, run.stderr).toMatchObject({ code: 0, stderr: "" });
  return run.stdout;
}

beforeAll(async () => {
  await writeSampleFolder(temp.path("cells.zarr"));
  await writeSampleFolder(temp.path("sharded.zarr"), { shards: true, size: { c: 2, z: 1 }, levels: 2 });
  writePlate(temp.path("plate.zarr"));
  writeCollection(temp.path("series.zarr"));
  await runOzx(["convert", "cells.zarr", "cells.ozx"], { cwd: temp.path() });
});

test("an image in a folder", async () => {
  expect(await info("cells.zarr")).toMatchSnapshot();
});

test("a sharded image", async () => {
  expect(await info("sharded.zarr")).toMatchSnapshot();
});

test("a wide terminal gets one table", async () => {
  const run = await runOzx(["info", "sharded.zarr"], { cwd: temp.path(), env: { COLUMNS: "140" } });
  expect(run.stdout).toMatchSnapshot();
});

test("no line is wider than 80 columns where nobody says how wide it may be", async () => {
  for (const name of ["cells.zarr", "sharded.zarr", "plate.zarr", "series.zarr"]) {
    const lines = (await info("-v", name)).split("\n");
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
  }
});

test("a plate", async () => {
  expect(await info("plate.zarr")).toMatchSnapshot();
});

test("-v adds the tree of a plate, folded", async () => {
  const verbose = await info("-v", "plate.zarr");
  expect(verbose.slice((await info("plate.zarr")).length)).toMatchSnapshot();
});

test("a plate of 384 wells, and one of 1536", async () => {
  for (const [rows, columns] of [
    [16, 24],
    [32, 48],
  ] as const) {
    const wells = [{ path: "A/1", rowIndex: 0, columnIndex: 0 }];
    const name = (row: number): string => (row < 26 ? "" : "A") + String.fromCharCode(65 + (row % 26));
    const plate = {
      rows: Array.from({ length: rows }, (_, row) => ({ name: name(row) })),
      columns: Array.from({ length: columns }, (_, column) => ({ name: String(column + 1) })),
      wells,
    };
    const folder = `${rows * columns}.zarr`;
    writeFiles(temp.path(folder), {
      "zarr.json": group({ version: "0.5", plate }),
      "A/1/zarr.json": group({
        version: "0.5",
        well: { images: Array.from({ length: 12 }, (_, k) => ({ path: `${k}` })) },
      }),
    });
    const out = await info(folder);
    expect(out.slice(0, out.indexOf("Remarks"))).toMatchSnapshot(folder);
  }
});

test("a well", async () => {
  expect(await info("plate.zarr/A/1")).toMatchSnapshot();
});

test("a collection of bioformats2raw", async () => {
  expect(await info("series.zarr")).toMatchSnapshot();
});

test("a label image, and a list of them", async () => {
  expect(await info("cells.zarr/labels/cells")).toMatchSnapshot();
  expect(await info("cells.zarr/labels")).toContain("OME-Zarr 0.5 list of label images (Zarr v3)");
});

test("a plain array, and a plain group with images in it", async () => {
  writeFiles(temp.path("array.zarr"), { "zarr.json": array([3, 4]), "c/0/0": new Uint8Array(24) });
  expect(await info("array.zarr")).toMatchSnapshot();
  writeFiles(temp.path("folder.zarr"), { "zarr.json": group() });
  writeImage(temp.path("folder.zarr/one"), [1, 1, 4, 4], "one");
  expect(await info("folder.zarr")).toMatch(/^ +one +one +1×1×4×4 uint16 +1 +32 B +1$/m);
});

test("one bad image in a plate spoils only itself", async () => {
  writePlate(temp.path("hurt.zarr"));
  writeFiles(temp.path("hurt.zarr"), {
    "A/1/0/zarr.json": "{",
    "A/1/1/0/zarr.json": array([2, 2], { shape: "none" }),
    "A/2/0/zarr.json": group({ version: "0.5" }),
    "B/1/zarr.json": "[]",
  });
  // Newer versions of Node say it in lines and columns too.
  const told = (await info("hurt.zarr")).replace(/(JSON at position 1) \(line 1 column 2\)/, "$1");
  expect(told).toMatchSnapshot();
});

test("units, time and anisotropy as they are", async () => {
  const odd = image("odd", [0.25, 1, 2, 0.5]) as { multiscales: [{ axes: Record<string, unknown>[] }] };
  const [{ axes }] = odd.multiscales;
  Object.assign(axes[0] ?? {}, { unit: "hour" });
  Object.assign(axes[2] ?? {}, { unit: "nanometer" });
  Object.assign(axes[3] ?? {}, { unit: "furlong" });
  writeFiles(temp.path("odd.zarr"), { "zarr.json": group(odd), "0/zarr.json": array([8, 2, 6, 4]) });
  const out = await info("odd.zarr");
  expect(out).toMatch(/Axes +t \(time, h\), c \(channel\), y \(space, nm\), x \(space, furlong\)/);
  expect(out).toMatch(/Extent +t 2 h \(8 × 0.25 h\), y 12 nm, x 2 furlong/);
  expect(out).toContain("2 nm × 0.5 furlong");
  expect(out).toContain("0 of 1");
});

test("names cannot steer the terminal", async () => {
  writeFiles(temp.path("evil.zarr"), {
    "zarr.json": group(image("\u001b[2Jgone\u0007\r\n\u009b31m")),
    "0/zarr.json": array([1, 1, 1, 1]),
  });
  const out = await info("-v", "evil.zarr");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is them that must not be there
  expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  expect(out).toContain("\\u001b[2Jgone");
});

test("several files, of which one cannot be read", async () => {
  const run = await runOzx(["info", "cells.ozx", "missing.ozx", "broken.zarr", "series.zarr"], {
    cwd: temp.path(),
  });
  expect(run.code).toBe(3);
  expect(run.stdout.match(/^\S+$/gm)).toEqual(["cells.ozx", "series.zarr"]);
  expect(run.stderr).toMatch(/^ozx: .*missing.ozx.*\nozx: .*broken.zarr.*\n$/);
});

test("-v adds how an archive follows RFC-9", async () => {
  const [brief, verbose] = [await info("cells.ozx"), await info("-v", "cells.ozx")];
  expect(verbose.startsWith(brief.trimEnd())).toBe(true);
  expect(verbose.slice(brief.trimEnd().length)).toMatchSnapshot();
});

test("-v tells the truth about another tool's zip", async () => {
  const files = [...readFolder(temp.path("cells.zarr"))].map(
    ([path, bytes]) => [`image/${path}`, bytes] as const,
  );
  writeFileSync(temp.path("foreign.zip"), zipSync(Object.fromEntries(files.reverse()), { level: 6 }));
  const verbose = await info("-v", "foreign.zip");
  expect(verbose).toContain("not at its root");
  expect(verbose).toMatch(/Comment +none/);
  expect(verbose).toMatch(/jsonFirst +not claimed/);
  expect(verbose).toMatch(/Methods +\d+ deflated/);
  expect(verbose).toMatch(/ZIP64 [\s\S]*end record no/);
});

test("NO_COLOR and pipes get no escape codes, FORCE_COLOR does", async () => {
  expect(await info("cells.zarr")).not.toContain("\u001b[");
  const run = await runOzx(["info", temp.path("cells.zarr")], { env: { FORCE_COLOR: "1", NO_COLOR: "" } });
  expect(run.stdout).toContain("\u001b[");
});

describeWithSharedData("real data", "cardiomyocyte-v04.zarr", (path) => {
  test("a cardiomyocyte image of OME-Zarr 0.4", async () => {
    expect((await info(path)).replace(path, "cardiomyocyte-v04.zarr")).toMatchSnapshot();
  });
});
