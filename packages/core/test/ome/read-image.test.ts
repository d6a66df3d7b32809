import { sharedPath, skipFor, withoutSharedData } from "@ozx/testing";
import { describe, expect, test } from "vitest";
import { isOzxError } from "../../src/index.js";
import type { Image, LabelImage } from "../../src/ome/model.js";
import { readOme } from "../../src/ome/read-ome.js";
import type { JsonObject } from "../../src/zarr/json.js";
import {
  arrayV2,
  arrayV3,
  type Documents,
  groupV3,
  hierarchyOf,
  hierarchyOfFolder,
  scale,
  translation,
  YX,
} from "./hierarchy.js";

const SAMPLE = "cardiomyocyte-v04.zarr";

async function read(documents: Documents, path: `/${string}` = "/") {
  return readOme(await hierarchyOf(documents), path);
}

async function readImageOf(documents: Documents): Promise<Image> {
  const node = await read(documents);
  if (node.kind !== "image") throw new Error(`expected an image, not ${node.kind}`);
  return node;
}

function image05(multiscale: JsonObject, rest: JsonObject = {}): JsonObject {
  return groupV3({ ome: { version: "0.5", multiscales: [multiscale], ...rest } });
}

describe("an image", () => {
  test("0.5: axes, levels and what transformations amount to", async () => {
    const image = await readImageOf({
      "zarr.json": image05({
        name: "cells",
        type: "gaussian",
        axes: YX,
        datasets: [
          { path: "0", coordinateTransformations: [scale(0.5, 0.5)] },
          { path: "sub/1", coordinateTransformations: [scale(1, 1), translation(0.25, 0.25)] },
        ],
        coordinateTransformations: [scale(2, 4), translation(10, 20)],
      }),
      "0/zarr.json": arrayV3([100, 200], ["y", "x"]),
      "sub/1/zarr.json": arrayV3([50, 100], ["y", "x"]),
    });
    const [multiscale] = image.multiscales;
    expect(image).toMatchObject({ kind: "image", version: "0.5", path: "/", name: "cells", problems: [] });
    expect(multiscale.axes).toEqual(YX);
    expect(multiscale.levels).toMatchObject([
      {
        path: "/0",
        scale: [1, 2],
        translation: [10, 20],
        array: { array: { shape: [100, 200] } },
        problems: [],
      },
      { path: "/sub/1", scale: [2, 4], translation: [10.5, 21], problems: [] },
    ]);
    expect(image.channels).toEqual([]);
    expect(image.labels).toEqual([]);
  });

  test("0.4: the same from .zattrs, with omero channels and labels", async () => {
    const image = await readImageOf({
      ".zgroup": { zarr_format: 2 },
      ".zattrs": {
        multiscales: [
          {
            version: "0.4",
            axes: YX,
            datasets: [{ path: "0", coordinateTransformations: [scale(0.5, 0.5)] }],
          },
        ],
        omero: {
          channels: [
            {
              color: "00ffFF",
              label: "DAPI",
              window: { start: 0, end: 700, min: 0, max: 65535 },
              active: false,
            },
            { color: "blue" },
          ],
          rdefs: { defaultT: 0, defaultZ: 118, model: "color" },
        },
      },
      "0/.zarray": arrayV2([100, 200]),
      "labels/.zattrs": { labels: ["nuclei", "../../elsewhere"] },
    });
    expect(image.version).toBe("0.4");
    expect(image.channels).toEqual([
      { label: "DAPI", color: "00FFFF", window: { start: 0, end: 700, min: 0, max: 65535 }, active: false },
      { label: undefined, color: undefined, window: undefined, active: true },
    ]);
    expect(image.defaults).toEqual({ t: 0, z: 118, model: "color" });
    expect(image.labels).toEqual(["/labels/nuclei"]);
    expect(image.problems.map(({ message }) => message)).toEqual([
      'The color of channel 1 of the image / is not six hexadecimal digits: "blue".',
    ]);
  });

  test("0.6: axes of the intrinsic coordinate system, sequences, and no step beyond it", async () => {
    const io = { input: { path: "0" }, output: { name: "intrinsic" } };
    const image = await readImageOf({
      "zarr.json": groupV3({
        ome: {
          version: "0.6rc0",
          multiscales: [
            {
              coordinateSystems: [
                { name: "stage", axes: [{ name: "v" }, { name: "u" }] },
                { name: "intrinsic", axes: YX },
              ],
              datasets: [
                {
                  path: "0",
                  coordinateTransformations: [
                    { type: "sequence", ...io, transformations: [scale(2, 2), translation(1, 1)] },
                  ],
                },
              ],
              coordinateTransformations: [
                { ...scale(10, 10), input: { name: "intrinsic" }, output: { name: "stage" } },
              ],
            },
          ],
        },
      }),
      "0/zarr.json": arrayV3([100, 200], ["y", "x"]),
    });
    expect(image.version).toBe("0.6");
    expect(image.multiscales[0]).toMatchObject({
      coordinateSystem: "intrinsic",
      axes: YX,
      levels: [{ scale: [2, 2], translation: [1, 1] }],
    });
  });

  test("0.1 and 0.3 are recognised", async () => {
    const old = await readImageOf({
      ".zattrs": { multiscales: [{ datasets: [{ path: "0" }] }] },
      "0/.zarray": arrayV2([1, 2, 3, 100, 200]),
    });
    expect(old.version).toBe("0.1");
    expect(old.multiscales[0].axes.map(({ name }) => name)).toEqual(["t", "c", "z", "y", "x"]);
    const third = await readImageOf({
      ".zattrs": { multiscales: [{ version: "0.3", axes: ["y", "x"], datasets: [{ path: "0" }] }] },
      "0/.zarray": arrayV2([100, 200]),
    });
    expect(third).toMatchObject({ version: "0.3", problems: [] });
    expect(third.multiscales[0].levels[0]).toMatchObject({ scale: [1, 1], problems: [] });
  });

  test("keeps what is sound when a part is malformed", async () => {
    const image = await readImageOf({
      "zarr.json": image05({
        axes: YX,
        datasets: [
          { path: "0", coordinateTransformations: [scale(1, 1, 1)] },
          { path: "missing", coordinateTransformations: [scale(1, 1)] },
          { path: 7 },
          { path: "2", coordinateTransformations: "none" },
          { path: "broken", coordinateTransformations: [{ type: "affine" }] },
        ],
      }),
      "0/zarr.json": arrayV3([100, 200], ["y", "x"]),
      "2/zarr.json": arrayV3([3, 100, 200], undefined),
      "broken/zarr.json": "{",
    });
    const [{ levels }] = image.multiscales;
    expect(image.problems).toEqual([]);
    expect(levels.map(({ path, problems }) => [path, problems.map(({ rule }) => rule)])).toEqual([
      ["/0", ["ome-transform-length"]],
      ["/missing", ["ome-level-array"]],
      // It keeps its number.
      ["/datasets[2]", ["ome-unreadable-part"]],
      ["/2", ["ome-level-dimensions", "ome-unreadable-part"]],
      ["/broken", ["ome-level-array", "ome-transform-supported"]],
    ]);
    expect(levels[0]?.scale).toEqual([1, 1]);
  });

  test.each<[string, JsonObject]>([
    ["no multiscale", { multiscales: [] }],
    ["multiscales of a wrong type", { multiscales: "0" }],
    ["no dataset", { multiscales: [{ axes: YX, datasets: [] }] }],
  ])("is an error of its own with %s", async (_, attributes) => {
    const hierarchy = await hierarchyOf({ "zarr.json": groupV3({ ome: { version: "0.5", ...attributes } }) });
    expect(() => readOme(hierarchy)).toThrow(
      expect.toSatisfy((error: unknown) => isOzxError(error, "InvalidMetadata")),
    );
  });

  test("is distinguished from a missing node and a broken one", async () => {
    const hierarchy = await hierarchyOf({ "zarr.json": groupV3(), "bad/zarr.json": "[" });
    expect(() => readOme(hierarchy, "/nothing")).toThrow(
      "sample.zarr has no Zarr group or array at /nothing",
    );
    expect(() => readOme(hierarchy, "/bad")).toThrow("bad/zarr.json in sample.zarr is not JSON");
  });
});

describe("a label image", () => {
  test("has colours, properties and a source", async () => {
    const node = await read(
      {
        "labels/nuclei/zarr.json": groupV3({
          ome: {
            version: "0.5",
            multiscales: [{ axes: YX, datasets: [{ path: "0", coordinateTransformations: [scale(1, 1)] }] }],
            "image-label": {
              colors: [
                { "label-value": 1, rgba: [255, 0, 0, 128] },
                { "label-value": 2 },
                { rgba: [0, 0, 0, 0] },
              ],
              properties: [{ "label-value": 1, area: 12 }],
            },
          },
        }),
        "labels/nuclei/0/zarr.json": arrayV3([100, 200], ["y", "x"], "int32"),
      },
      "/labels/nuclei",
    );
    expect(node).toMatchObject({
      kind: "label-image",
      colors: [
        { value: 1, rgba: [255, 0, 0, 128] },
        { value: 2, rgba: undefined },
      ],
      properties: [{ value: 1, properties: { area: 12 } }],
      source: "/",
    } satisfies Partial<LabelImage>);
    expect(node.problems).toHaveLength(1);
  });
});

test("a real 0.4 image", skipFor(withoutSharedData(SAMPLE)), async () => {
  const hierarchy = await hierarchyOfFolder(sharedPath(SAMPLE));
  const image = readOme(hierarchy);
  expect(image).toMatchObject({ kind: "image", version: "0.4", labels: ["/labels/nuclei"], problems: [] });
  expect(readOme(hierarchy, "/labels/nuclei")).toMatchObject({ kind: "label-image", source: "/" });
  expect(readOme(hierarchy, "/labels")).toMatchObject({ kind: "labels", labels: ["/labels/nuclei"] });
  expect(readOme(hierarchy, "/tables")).toMatchObject({ kind: "group" });
  expect(readOme(hierarchy, "/1")).toMatchObject({ kind: "array", array: { array: { dtype: "uint16" } } });
});
