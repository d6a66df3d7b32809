import { sharedPath, skipFor, withoutSharedData } from "@ozx/testing";
import { describe, expect, test } from "vitest";
import { checkOme } from "../../../src/ome/rules/check-ome.js";
import { OME_RULES } from "../../../src/ome/rules/ome-rules.js";
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
} from "../hierarchy.js";
import { suiteCases } from "../schema/suites.js";
import {
  change,
  goodCollection04,
  goodCollection05,
  goodImage04,
  goodImage05,
  goodImage06,
  goodImage09,
  goodPlate05,
  goodScene06,
} from "./good.js";

const SAMPLE = "cardiomyocyte-v04.zarr";

async function check(documents: Documents) {
  const omeXml = documents["OME/METADATA.ome.xml"];
  return await checkOme(await hierarchyOf(documents), {
    omeXml: typeof omeXml === "string" ? omeXml : undefined,
  });
}

test.each<[string, () => Documents]>([
  ["image 0.4", goodImage04],
  ["image 0.5", goodImage05],
  ["image 0.6", goodImage06],
  ["plate 0.5", goodPlate05],
  ["image 0.9.dev1", goodImage09],
  ["scene 0.6", goodScene06],
  ["collection 0.4", goodCollection04],
  ["collection 0.5", goodCollection05],
  [
    "collection with OME-XML",
    () => ({ ...goodCollection05(), "OME/METADATA.ome.xml": "<OME><Image/><Image/></OME>" }),
  ],
])("a good %s gives no finding", async (_, documents) => {
  expect(await check(documents())).toEqual([]);
});

const MULTISCALE = "attributes/ome/multiscales/0";
const NUCLEI = "labels/nuclei/zarr.json";
const [Y = {}, X = {}] = YX;

const SYSTEM = `${MULTISCALE}/coordinateSystems/0`;

const SCENE = "attributes/ome/scene";

function between(input: string, output: string): object {
  return { ...translation(1, 1), input: { name: input }, output: { name: output } };
}

/** A multiscale of one level in the first of these coordinate systems. */
function systemsOf(...names: string[]): object {
  const ends = { input: { path: "0" }, output: { name: names[0] } };
  return {
    name: "cells",
    type: "mean",
    metadata: {},
    coordinateSystems: names.map((name) => ({ name, axes: YX })),
    datasets: [{ path: "0", coordinateTransformations: [{ ...scale(1, 1), ...ends }] }],
  };
}

/** An image of these axes and nothing below it but its two levels. */
function imageWithAxes(axes: readonly object[]): Documents {
  const shape = (extent: number): number[] => axes.map(() => extent);
  const names = axes.map((axis) => String(Reflect.get(axis, "name")));
  const datasets = [2, 1].map((extent, index) => ({
    path: String(index),
    coordinateTransformations: [scale(...shape(3 - extent))],
  }));
  const multiscale = { name: "cells", type: "mean", metadata: {}, axes, datasets };
  return {
    "zarr.json": groupV3({ ome: { version: "0.5", multiscales: [multiscale] } }),
    "0/zarr.json": arrayV3(shape(2), names),
    "1/zarr.json": arrayV3(shape(1), names),
  };
}

function copyBelow(documents: Documents, from: string, to: string): Documents {
  const copies = Object.entries(documents)
    .filter(([key]) => key.startsWith(from))
    .map(([key, document]) => [to + key.slice(from.length), document]);
  return { ...documents, ...Object.fromEntries(copies) };
}

function dropBelow(documents: Documents, prefix: string): Documents {
  return Object.fromEntries(Object.entries(documents).filter(([key]) => !key.startsWith(prefix)));
}

type Broken = [rule: string, what: string, where: string, severity: string, documents: Documents];

const BROKEN: Broken[] = [
  [
    "ome-version-present",
    "no version in labels",
    "/labels",
    "error",
    change(goodImage05(), "labels/zarr.json", "attributes/ome/version"),
  ],
  [
    "ome-schema-image",
    "no version in an image",
    "/",
    "error",
    change(goodImage05(), "zarr.json", "attributes/ome/version"),
  ],
  [
    "ome-version-known",
    "a version of the future",
    "/",
    "error",
    change(goodImage06(), "zarr.json", "attributes/ome/version", "0.9"),
  ],
  [
    "ome-version-draft",
    "a draft of 0.6",
    "/",
    "error",
    change(goodImage06(), "zarr.json", "attributes/ome/version", "0.6.dev1"),
  ],
  [
    "ome-kind-known",
    "a 0.6 group with nothing but a version",
    "/",
    "error",
    { "zarr.json": groupV3({ ome: { version: "0.6" } }) },
  ],
  [
    "ome-kind-known",
    "a row of a plate with nothing but a version",
    "/A",
    "warning",
    change(goodPlate05(), "A/zarr.json", "attributes", { ome: { version: "0.5" } }),
  ],
  [
    "ome-version-consistent",
    "a 0.6 list of labels in a 0.5 image",
    "/labels",
    "error",
    { ...imageWithAxes(YX), "labels/zarr.json": groupV3({ ome: { version: "0.6", labels: [] } }) },
  ],
  [
    "ome-zarr-format",
    "a v2 level in a v3 image",
    "/1",
    "error",
    {
      ...change(goodImage05(), "1/zarr.json"),
      "1/.zarray": arrayV2([50, 100]),
    },
  ],
  ["ome-axes-names", "a name twice", "/", "error", imageWithAxes([{ name: "x", type: "channel" }, Y, X])],
  [
    "ome-axes-counts",
    "two axes of time",
    "/",
    "error",
    imageWithAxes([
      { name: "t", type: "time", unit: "second" },
      { name: "u", type: "time", unit: "second" },
      Y,
      X,
    ]),
  ],
  [
    "ome-axes-counts",
    "a channel and another axis",
    "/",
    "error",
    imageWithAxes([{ name: "c", type: "channel" }, { name: "p", type: "phase" }, Y, X]),
  ],
  ["ome-axes-order", "a channel last", "/", "error", imageWithAxes([Y, X, { name: "c", type: "channel" }])],
  ["ome-axes-zyx", "x before y", "/", "warning", imageWithAxes([X, Y])],
  ["ome-axes-type", "an axis without a type", "/", "warning", imageWithAxes([{ name: "c" }, Y, X])],
  [
    "ome-axes-unit-text",
    "null",
    "/",
    "error",
    imageWithAxes([{ name: "c", type: "channel", unit: null } as never, Y, X]),
  ],
  [
    "ome-axes-orientation",
    "an axis of channels with an orientation",
    "/",
    "error",
    change(goodImage09(), "zarr.json", `${SYSTEM}/axes/0/type`, "channel"),
  ],
  [
    "ome-axes-orientation",
    "two axes along one line",
    "/",
    "error",
    change(goodImage09(), "zarr.json", `${SYSTEM}/axes/0/orientation/value`, "right-to-left"),
  ],
  [
    "ome-schema-image",
    "an orientation that RFC-4 does not have",
    "/",
    "error",
    change(goodImage09(), "zarr.json", `${SYSTEM}/axes/0/orientation/value`, "up"),
  ],
  ["ome-axes-unit", "no unit", "/", "warning", imageWithAxes([{ name: "y", type: "space" }, X])],
  [
    "ome-axes-unit",
    "a short unit",
    "/",
    "warning",
    imageWithAxes([{ name: "y", type: "space", unit: "um" }, X]),
  ],
  ["ome-level-array", "no array", "/1", "error", change(goodImage05(), "1/zarr.json")],
  ["ome-level-array", "an array that is no JSON", "/1", "error", { ...goodImage05(), "1/zarr.json": "{" }],
  [
    "ome-level-dimensions",
    "a dimension too many",
    "/1",
    "error",
    { ...goodImage05(), "1/zarr.json": arrayV3([1, 50, 100], ["z", "y", "x"]) },
  ],
  [
    "ome-transform-length",
    "a scale too short for three axes",
    "/0",
    "error",
    change(
      imageWithAxes([{ name: "c", type: "channel" }, Y, X]),
      "zarr.json",
      `${MULTISCALE}/datasets/0/coordinateTransformations`,
      [scale(1, 1)],
    ),
  ],
  [
    "ome-path-inside",
    "a dataset outside",
    "/",
    "error",
    change(imageWithAxes(YX), "zarr.json", `${MULTISCALE}/datasets/1/path`, "../1"),
  ],
  [
    "ome-level-order",
    "the smaller level first",
    "/",
    "error",
    {
      ...imageWithAxes(YX),
      "0/zarr.json": arrayV3([50, 50], ["y", "x"]),
      "1/zarr.json": arrayV3([100, 100], ["y", "x"]),
    },
  ],
  [
    "ome-level-dtype",
    "two data types in 0.6",
    "/",
    "error",
    { ...goodImage06(), "1/zarr.json": arrayV3([50, 100], ["y", "x"], "float32") },
  ],
  [
    "ome-level-dtype",
    "two data types in 0.5",
    "/",
    "warning",
    { ...goodImage05(), "1/zarr.json": arrayV3([50, 100], ["y", "x"], "float32") },
  ],
  [
    "ome-dimension-names",
    "none",
    "/",
    "error",
    { ...goodImage05(), "1/zarr.json": arrayV3([50, 100], undefined) },
  ],
  [
    "ome-dimension-names",
    "other names",
    "/",
    "error",
    { ...goodImage05(), "1/zarr.json": arrayV3([50, 100], ["x", "y"]) },
  ],
  [
    "ome-dimension-names",
    "none in 0.6",
    "/",
    "warning",
    { ...goodImage06(), "1/zarr.json": arrayV3([50, 100], undefined) },
  ],
  [
    "ome-chunk-separator",
    "flat chunks",
    "/",
    "warning",
    change(goodImage04(), "1/.zarray", "dimension_separator", "."),
  ],
  [
    "ome-transform-order",
    "a translation before the scale",
    "/",
    "error",
    change(goodImage05(), "zarr.json", `${MULTISCALE}/datasets/1/coordinateTransformations`, [
      translation(1, 1),
      scale(1, 1),
    ]),
  ],
  [
    "ome-transform-order",
    "two translations for the multiscale",
    "/",
    "error",
    change(goodImage05(), "zarr.json", `${MULTISCALE}/coordinateTransformations`, [
      scale(1, 1),
      translation(1, 1),
      translation(1, 1),
    ]),
  ],
  [
    "ome-transform-order",
    "a sequence the wrong way round",
    "/",
    "error",
    change(
      goodImage06(),
      "zarr.json",
      `${MULTISCALE}/datasets/1/coordinateTransformations/0/transformations`,
      [translation(1, 1), scale(1, 1)],
    ),
  ],
  ...[0, -1, 1e308].map(
    (size): Broken => [
      "ome-scale-above-zero",
      `a scale of ${size} and of 10 for the whole multiscale`,
      "/",
      "warning",
      change(
        change(
          goodImage05(),
          "zarr.json",
          `${MULTISCALE}/datasets/1/coordinateTransformations/0`,
          scale(1, size),
        ),
        "zarr.json",
        `${MULTISCALE}/coordinateTransformations`,
        [scale(10, 10)],
      ),
    ],
  ),
  [
    "ome-transform-input",
    "the path of another level",
    "/",
    "error",
    change(
      goodImage06(),
      "zarr.json",
      `${MULTISCALE}/datasets/1/coordinateTransformations/0/input/path`,
      "0",
    ),
  ],
  [
    "ome-transform-output",
    "levels in different systems",
    "/",
    "error",
    change(
      goodImage06(),
      "zarr.json",
      `${MULTISCALE}/datasets/1/coordinateTransformations/0/output/name`,
      "stage",
    ),
  ],
  [
    "ome-coordinate-system-names",
    "a name twice",
    "/",
    "error",
    change(goodImage06(), "zarr.json", `${MULTISCALE}/coordinateSystems/2`, { name: "stage", axes: YX }),
  ],
  [
    "ome-coordinate-system-known",
    "a system that is not described",
    "/",
    "error",
    change(goodImage06(), "zarr.json", `${MULTISCALE}/coordinateTransformations/0/output/name`, "table"),
  ],
  [
    "ome-omero-color",
    "a color by name",
    "/",
    "error",
    change(goodImage05(), "zarr.json", "attributes/ome/omero/channels/0/color", "green"),
  ],
  [
    "ome-omero-channel",
    "no window",
    "/",
    "error",
    change(goodImage05(), "zarr.json", "attributes/ome/omero/channels/0/window"),
  ],
  [
    "ome-label-dtype",
    "labels of truth values",
    "/labels/nuclei",
    "error",
    {
      ...goodImage05(),
      "labels/nuclei/0/zarr.json": arrayV3([100, 200], ["y", "x"], "bool"),
      "labels/nuclei/1/zarr.json": arrayV3([50, 100], ["y", "x"], "bool"),
    },
  ],
  [
    "ome-label-levels",
    "fewer levels than the image",
    "/labels/nuclei",
    "warning",
    change(goodImage05(), NUCLEI, `${MULTISCALE}/datasets`, [
      { path: "0", coordinateTransformations: [scale(1, 1)] },
    ]),
  ],
  [
    "ome-label-source",
    "no image there",
    "/labels/nuclei",
    "warning",
    change(goodImage05(), NUCLEI, "attributes/ome/image-label/source", { image: "../other" }),
  ],
  [
    "ome-label-source",
    "an image outside of the hierarchy",
    "/labels/nuclei",
    "warning",
    change(goodImage05(), NUCLEI, "attributes/ome/image-label/source", { image: "../../../" }),
  ],
  [
    "ome-label-colors",
    "a label twice",
    "/labels/nuclei",
    "error",
    change(goodImage05(), NUCLEI, "attributes/ome/image-label/colors", [
      { "label-value": 1, rgba: [255, 0, 0, 255] },
      { "label-value": 1, rgba: [0, 0, 0, 255] },
    ]),
  ],
  [
    "ome-label-value",
    "half a label",
    "/labels/nuclei",
    "error",
    change(goodImage05(), NUCLEI, "attributes/ome/image-label/colors", [{ "label-value": 1.5 }]),
  ],
  [
    "ome-label-exists",
    "a label that is not there",
    "/labels",
    "error",
    change(goodImage05(), "labels/zarr.json", "attributes/ome/labels", ["nuclei", "cells"]),
  ],
  [
    "ome-label-metadata",
    "a label that is a plain group",
    "/labels/cells",
    "error",
    {
      ...change(goodImage05(), "labels/zarr.json", "attributes/ome/labels", ["nuclei", "cells"]),
      "labels/cells/zarr.json": groupV3(),
    },
  ],
  [
    "ome-label-metadata",
    "a label without image-label, in 0.5",
    "/labels/nuclei",
    "warning",
    change(goodImage05(), NUCLEI, "attributes/ome/image-label"),
  ],
  [
    "ome-label-listed",
    "a label image that is not listed",
    "/labels",
    "warning",
    change(goodImage05(), "labels/zarr.json", "attributes/ome/labels", []),
  ],
  [
    "ome-labels-intermediate",
    "labels between",
    "/labels/a",
    "error",
    {
      ...copyBelow(
        change(goodImage05(), NUCLEI, "attributes/ome/image-label/source", { image: "/" }),
        "labels/nuclei/",
        "labels/a/nuclei/",
      ),
      "labels/zarr.json": groupV3({ ome: { version: "0.5", labels: ["nuclei", "a/nuclei"] } }),
      "labels/a/zarr.json": groupV3({ ome: { version: "0.5", labels: ["nuclei"] } }),
    },
  ],
  [
    "ome-plate-well-path",
    "indices of another well",
    "/",
    "error",
    change(goodPlate05(), "zarr.json", "attributes/ome/plate/wells/1/columnIndex", 0),
  ],
  [
    "ome-plate-wells-once",
    "a well twice",
    "/",
    "error",
    change(goodPlate05(), "zarr.json", "attributes/ome/plate/wells/2", {
      path: "A/1",
      rowIndex: 1,
      columnIndex: 1,
    }),
  ],
  [
    "ome-plate-names",
    "a row twice",
    "/",
    "error",
    change(goodPlate05(), "zarr.json", "attributes/ome/plate/rows/2", { name: "A", note: "again" }),
  ],
  [
    "ome-plate-acquisition-ids",
    "an id twice",
    "/",
    "error",
    change(goodPlate05(), "zarr.json", "attributes/ome/plate/acquisitions/2", {
      id: 3,
      name: "day 3",
      maximumfieldcount: 1,
    }),
  ],
  [
    "ome-plate-well-exists",
    "a well that is not there",
    "/A/2",
    "warning",
    change(goodPlate05(), "zarr.json", "attributes/ome/plate/wells/2", {
      path: "A/2",
      rowIndex: 0,
      columnIndex: 1,
    }),
  ],
  [
    "ome-plate-well-metadata",
    "a well that is a plain group",
    "/A/1",
    "error",
    { ...goodPlate05(), "A/1/zarr.json": groupV3() },
  ],
  ["ome-plate-row-group", "a row without zarr.json", "/B", "error", change(goodPlate05(), "B/zarr.json")],
  [
    "ome-plate-field-count",
    "more fields than said",
    "/",
    "warning",
    copyBelow(
      change(goodPlate05(), "A/1/zarr.json", "attributes/ome/well/images/1", { path: "1", acquisition: 3 }),
      "A/1/0/",
      "A/1/1/",
    ),
  ],
  [
    "ome-well-image-exists",
    "an image that is not there",
    "/A/1/1",
    "error",
    change(goodPlate05(), "A/1/zarr.json", "attributes/ome/well/images/1", { path: "1", acquisition: 0 }),
  ],
  [
    "ome-well-image-metadata",
    "an image that is a plain group",
    "/A/1/1",
    "error",
    {
      ...change(goodPlate05(), "A/1/zarr.json", "attributes/ome/well/images/1", {
        path: "1",
        acquisition: 0,
      }),
      "A/1/1/zarr.json": groupV3(),
    },
  ],
  [
    "ome-well-paths",
    "an image twice",
    "/A/1",
    "error",
    change(goodPlate05(), "A/1/zarr.json", "attributes/ome/well/images/1", { path: "0", acquisition: 0 }),
  ],
  [
    "ome-well-acquisition",
    "an acquisition of no plate",
    "/A/1",
    "error",
    change(goodPlate05(), "A/1/zarr.json", "attributes/ome/well/images/0/acquisition", 7),
  ],
  [
    "ome-well-acquisition",
    "no acquisition",
    "/A/1",
    "error",
    change(goodPlate05(), "A/1/zarr.json", "attributes/ome/well/images/0/acquisition"),
  ],
  [
    "ome-series-exists",
    "an image that is not there",
    "/2",
    "error",
    change(goodCollection05(), "OME/zarr.json", "attributes/ome/series", ["0", "1", "2"]),
  ],
  [
    "ome-series-count",
    "more images in the OME-XML than in the series",
    "/OME/METADATA.ome.xml",
    "warning",
    { ...goodCollection05(), "OME/METADATA.ome.xml": "<OME><Image/><Image/><Image/></OME>" },
  ],
  [
    "ome-series-consecutive",
    "a gap and no series",
    "/",
    "error",
    copyBelow(dropBelow(change(goodCollection05(), "OME/zarr.json"), "1/"), "0/", "2/"),
  ],
  [
    "ome-schema-series",
    "series of numbers, in 0.4",
    "/OME",
    "error",
    change(goodCollection04(), "OME/.zattrs", "series", "0"),
  ],
  [
    "ome-schema-image-recommended",
    "no name",
    "/",
    "warning",
    change(goodImage05(), "zarr.json", `${MULTISCALE}/name`),
  ],
  [
    "ome-unreadable",
    "a node that is no JSON",
    "/tables",
    "error",
    { ...goodImage05(), "tables/zarr.json": "{" },
  ],
  [
    "ome-unreadable",
    "a list of labels that is none",
    "/labels",
    "error",
    change(goodImage05(), "labels/zarr.json", "attributes/ome/labels", 5),
  ],
  [
    "ome-transform-intrinsic",
    "a transformation between two other systems",
    "/",
    "error",
    change(goodImage06(), "zarr.json", MULTISCALE, {
      ...systemsOf("intrinsic", "stage", "world"),
      coordinateTransformations: [between("intrinsic", "stage"), between("stage", "world")],
    }),
  ],
  [
    "ome-transform-connected",
    "a coordinate system that nothing leads to",
    "/",
    "error",
    change(goodImage06(), "zarr.json", MULTISCALE, systemsOf("intrinsic", "stage")),
  ],
  ["ome-scene-image", "a tile that is not there", "/right", "error", dropBelow(goodScene06(), "right/")],
  [
    "ome-scene-system-known",
    "a system that the tile does not have",
    "/",
    "error",
    change(goodScene06(), "zarr.json", `${SCENE}/coordinateTransformations/1/input/name`, "stage"),
  ],
  [
    "ome-scene-system-known",
    "a system that the scene does not have",
    "/",
    "error",
    change(goodScene06(), "zarr.json", `${SCENE}/coordinateTransformations/1`, {
      ...between("world", "moon"),
    }),
  ],
  [
    "ome-scene-system-names",
    "two systems of one name",
    "/",
    "error",
    change(goodScene06(), "zarr.json", `${SCENE}/coordinateSystems/1`, { name: "world", axes: [X, Y] }),
  ],
  [
    "ome-scene-connected",
    "a system that nothing leads to",
    "/",
    "error",
    change(goodScene06(), "zarr.json", `${SCENE}/coordinateSystems/1`, { name: "moon", axes: YX }),
  ],
  [
    "ome-schema-scene",
    "a scene of images that are placed nowhere",
    "/",
    "error",
    change(goodScene06(), "zarr.json", SCENE, null),
  ],
  ["ome-present", "plain Zarr", "/", "warning", { "zarr.json": arrayV3([10], ["x"]) }],
];

describe("one finding a breach", () => {
  test.each(BROKEN)("%s: %s", async (rule, _, where, severity, documents) => {
    const findings = await check(documents);
    expect(findings.map((found) => [found.rule, found.where, found.severity])).toEqual([
      [rule, where, severity],
    ]);
    for (const { message, help } of findings) {
      expect(message).toMatch(/^\S.*\.$/);
      expect(help).toMatch(/^[A-Z].*\.$/);
    }
  });

  test("every rule has its breach", () => {
    const tested = new Set(BROKEN.map(([rule]) => rule));
    expect(OME_RULES.map(({ id }) => id).filter((id) => !tested.has(id))).toEqual([]);
  });
});

test("bad metadata in one image of a plate spoils only that image's report", async () => {
  const findings = await check(
    change(goodPlate05(), "A/1/0/zarr.json", "attributes/ome/multiscales", "nothing"),
  );
  expect(findings.map(({ rule, where }) => [rule, where])).toEqual([["ome-schema-image", "/A/1/0"]]);
});

test(
  "the case of the 0.5 suite that is not for schemas",
  skipFor(withoutSharedData("ngff-spec")),
  async () => {
    const found = suiteCases("0.5").find(
      ({ name }) => name === "plate: plate/well_path_has_column_before_row",
    );
    const findings = await check({ "zarr.json": groupV3(found?.attributes) });
    expect(findings.filter(({ severity }) => severity === "error").map(({ rule }) => rule)).toEqual(
      findings.filter(({ rule }) => rule === "ome-plate-well-path").map(({ rule }) => rule),
    );
    expect(findings.map(({ rule }) => rule)).toContain("ome-plate-well-path");
  },
);

test("a real 0.4 image gives no error", skipFor(withoutSharedData(SAMPLE)), async () => {
  const findings = await checkOme(await hierarchyOfFolder(sharedPath(SAMPLE)));
  expect(findings.filter(({ severity }) => severity === "error")).toEqual([]);
  expect(new Set(findings.map(({ rule }) => rule))).toEqual(
    new Set(["ome-schema-image-recommended", "ome-schema-label-recommended", "ome-label-levels"]),
  );
});

test("only the groups that are asked for are checked, and rules find the others", async () => {
  const acquisition = "attributes/ome/well/images/0/acquisition";
  const documents = change(goodPlate05(), "A/1/zarr.json", acquisition, 7);
  const hierarchy = await hierarchyOf(documents);
  const all = await checkOme(hierarchy);
  expect(all.map(({ rule }) => rule)).toContain("ome-well-acquisition");
  expect(await checkOme(hierarchy, { only: new Set(["/A/1"]) })).toEqual(all);
  expect(await checkOme(hierarchy, { only: new Set(["/"]) })).toEqual([]);
});
