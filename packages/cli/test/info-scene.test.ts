import { tempFolder } from "@ozx/testing";
import { beforeAll, expect, test } from "vitest";
import { array, group, writeFiles } from "./info-fixtures.js";
import { runOzx } from "./support/run-ozx.js";

const temp = tempFolder();
const axes = ["y", "x"].map((name) => ({ name, type: "space", unit: "micrometer" }));

beforeAll(() => {
  const ends = { input: { path: "0" }, output: { name: "physical" } };
  const image = group({
    version: "0.6",
    multiscales: [
      {
        coordinateSystems: [{ name: "physical", axes }],
        datasets: [{ path: "0", coordinateTransformations: [{ type: "scale", scale: [1, 1], ...ends }] }],
      },
    ],
  });
  const toWorld = (path: string, x: number): object => ({
    type: "translation",
    name: `${path} to world`,
    translation: [0, x],
    input: { path, name: "physical" },
    output: { name: "world" },
  });
  writeFiles(temp.path("scene.zarr"), {
    "zarr.json": group({
      version: "0.6",
      scene: {
        coordinateSystems: [{ name: "world", axes }],
        coordinateTransformations: [toWorld("left", 0), toWorld("right", 40)],
      },
    }),
    "left/zarr.json": image,
    "left/0/zarr.json": array([32, 48], { dimension_names: ["y", "x"] }),
    "right/zarr.json": image,
    "right/0/zarr.json": array([32, 48], { dimension_names: ["y", "x"] }),
  });
});

test("a scene has its images and what places them", async () => {
  const { stdout } = await runOzx(["info", "--json", "scene.zarr"], { cwd: temp.path() });
  const [file] = JSON.parse(stdout).files;
  expect(file.kind).toBe("scene");
  expect(file.images.map(({ path }: { path: string }) => path)).toEqual(["/left", "/right"]);
  expect(file.scene).toEqual({
    coordinateSystems: [{ name: "world", axes: axes.map((axis) => ({ ...axis, orientation: null })) }],
    transformations: ["left", "right"].map((path) => ({
      name: `${path} to world`,
      type: "translation",
      input: { name: "physical", path: `/${path}` },
      output: { name: "world", path: null },
    })),
  });
});

test("in words, and packed", async () => {
  const { stdout } = await runOzx(["info", "scene.zarr"], { cwd: temp.path() });
  expect(stdout).toContain("OME-Zarr 0.6 scene");
  expect(stdout).toMatch(/translation +physical of left +world +left to world/);
  expect(await runOzx(["convert", "scene.zarr", "scene.ozx"], { cwd: temp.path() })).toMatchObject({
    code: 0,
  });
  expect(await runOzx(["validate", "scene.ozx"], { cwd: temp.path() })).toMatchObject({ code: 0 });
});
