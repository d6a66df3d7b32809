import { tempFolder, writeSampleFolder } from "@ozx/testing";
import { beforeAll, expect, test } from "vitest";
import { writeCollection, writeFiles, writePlate } from "./info-fixtures.js";
import { runOzx } from "./support/run-ozx.js";

const temp = tempFolder();

// A script reads these keys: what is in a snapshot here may get company, but stays (docs/info-json.md).
async function json(code: number, ...paths: string[]) {
  const run = await runOzx(["info", "--json", ...paths], { cwd: temp.path() });
  expect(run.code, run.stderr).toBe(code);
  return JSON.parse(run.stdout);
}

beforeAll(async () => {
  await writeSampleFolder(temp.path("cells.zarr"), {
    levels: 1,
    size: { c: 1, z: 1, y: 64, x: 64 },
    shards: true,
  });
  await runOzx(["convert", "cells.zarr", "cells.ozx"], { cwd: temp.path() });
  writePlate(temp.path("plate.zarr"));
  writeCollection(temp.path("series.zarr"));
});

test("an image in an archive", async () => {
  expect(await json(0, "cells.ozx")).toMatchSnapshot();
});

test("a plate has its wells, and its images one by one", async () => {
  const { files } = await json(0, "plate.zarr");
  const [{ images, nodes, ...plate }] = files;
  expect(plate).toMatchSnapshot();
  expect(images).toHaveLength(10);
  expect(nodes.slice(0, 5)).toEqual([
    { path: "/", kind: "plate", shape: null, dtype: null },
    { path: "/A", kind: "group", shape: null, dtype: null },
    { path: "/A/1", kind: "well", shape: null, dtype: null },
    { path: "/A/1/0", kind: "image", shape: null, dtype: null },
    { path: "/A/1/0/0", kind: "array", shape: [10, 2, 32, 48], dtype: "uint16" },
  ]);
});

test("a collection has its images in the order of the series", async () => {
  const { files } = await json(0, "series.zarr");
  expect(files[0].seriesOrder).toBe("series");
  expect(files[0].images.map(({ path }: { path: string }) => path)).toEqual(["/1", "/0"]);
});

test("files that cannot be read have an error, in their place", async () => {
  const report = await json(3, "missing.ozx", "cells.zarr");
  expect(report.schemaVersion).toBe(1);
  expect(report.files.map(({ path }: { path: string }) => path)).toEqual(["missing.ozx", "cells.zarr"]);
  expect(report.files[0].error).toEqual({
    kind: "NotFound",
    message: expect.stringContaining("missing.ozx"),
  });
  expect(report.files[1].error).toBeNull();
});

test("images that cannot be read have an error, in their place", async () => {
  writePlate(temp.path("hurt.zarr"));
  writeFiles(temp.path("hurt.zarr"), { "A/1/1/zarr.json": "{" });
  const { files } = await json(0, "hurt.zarr");
  const failed = files[0].images.filter(({ error }: { error: unknown }) => error !== null);
  expect(failed).toEqual([
    { path: "/A/1/1", error: { kind: "InvalidMetadata", message: expect.stringContaining("not JSON") } },
  ]);
});
