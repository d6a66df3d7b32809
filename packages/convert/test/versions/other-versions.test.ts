import { type JsonObject, openOmeZarr, type Store } from "@ozx/core";
import { memoryStore } from "@ozx/core/container";
import { inspectNode, validateOmeZarr } from "@ozx/core/validate";
import { arrayDocument, encodeJson, groupDocument, imageMetadata, smallImage } from "@ozx/testing";
import { describe, expect, test } from "vitest";
import {
  type Difference,
  needsOfVersion,
  planTransfer,
  planVersion,
  runTransfer,
  verifyStores,
  type WritableVersion,
} from "../../src/index.js";
import { memoryTarget } from "../support/memory-target.js";
import { jsonOf } from "../support/store-content.js";

type Values = Map<`/${string}`, Uint8Array>;

const WRITABLE = ["0.4", "0.5", "0.6"] as const;
const ENDS = { input: { path: "0" }, output: { name: "body" } };

async function convert(source: Store, version?: WritableVersion) {
  const needs = version === undefined ? ({ zarrFormat: 3 } as const) : needsOfVersion(version, {});
  const planned = await planTransfer(source, needs);
  const plan = version === undefined ? planned : await planVersion(planned, version);
  const target = memoryTarget();
  await runTransfer(plan, target);
  return { plan, written: target.store };
}

async function errorsIn(store: Store): Promise<readonly string[]> {
  const { groups } = await validateOmeZarr(store, { formats: [] });
  const errors = groups.filter(({ severity }) => severity === "error");
  return errors.flatMap(({ examples }) => examples.map(({ message }) => message));
}

async function differences(left: Store, right: Store): Promise<Difference[]> {
  const found: Difference[] = [];
  for await (const difference of verifyStores(left, right)) found.push(difference);
  return found;
}

function axis(name: string, type?: string, orientation?: string): JsonObject {
  return {
    name,
    ...(type && { type }),
    ...(orientation && { orientation: { type: "anatomical", value: orientation } }),
  };
}

const [Z, Y, X] = [
  axis("z", "space", "inferior-to-superior"),
  axis("y", "space", "anterior-to-posterior"),
  axis("x", "space", "right-to-left"),
];

/** An image as ngff-zarr 0.50 writes it in 0.9.dev1. */
function image09(axes: readonly JsonObject[], change: JsonObject = {}): Store {
  const shape = axes.map((_, k) => k + 2);
  const ome = {
    version: "0.9.dev1",
    multiscales: [
      {
        name: "image",
        coordinateSystems: [{ name: "body", axes }],
        datasets: [
          { path: "0", coordinateTransformations: [{ type: "scale", scale: shape.map(() => 2), ...ENDS }] },
        ],
      },
    ],
    ...change,
  };
  const document = { dimension_names: axes.map(({ name }) => name) };
  return memoryStore(
    smallImage({ "/": ome }, { "/0": { shape, valueAt: (i) => i, document } }),
    "image.zarr",
  );
}

describe("0.9.dev1", () => {
  const window = { start: 1, end: 9 };
  const omero = { omero: { channels: [{ color: "FF0000", window, inverted: true }] } };

  test.for([undefined, ...WRITABLE])("becomes valid as %s, and keeps its orientations", async (version) => {
    const source = image09([axis("t", "time"), axis("c", "channel"), Z, Y, X], omero);
    expect(await errorsIn(source)).toEqual([]);
    const { plan, written } = await convert(source, version);
    expect(plan).toMatchObject({ from: "0.9.dev1", to: version ?? "0.9.dev1" });
    expect(await errorsIn(written)).toEqual([]);
    expect(await differences(source, written)).toEqual([]);
    const { images } = await openOmeZarr(written, { formats: [] });
    expect(images[0]?.axes.map(({ orientation }) => orientation)).toEqual([
      ...[undefined, undefined, "inferior-to-superior", "anterior-to-posterior", "right-to-left"],
    ]);
    expect(images[0]?.channels[0]).toMatchObject({ window: { start: 1, end: 9, min: 1, max: 9 } });
    const said = plan.findings.map(({ rule }) => rule);
    expect(said.includes("kept-orientations")).toBe(version !== undefined);
  });

  test.for([
    [/6 axes \(t, c, p, z, y, x\), only up to 5/, ["t:time", "c:channel", "p:phase", "z", "y", "x"]],
    [/1 axes of type space among c, x, only two or three/, ["c:channel", "x"]],
    [/2 axes of type time among t, u, y, x, only one/, ["t:time", "u:time", "y", "x"]],
    [/2 axes that are neither of space nor of time among c, p, y, x/, ["c:channel", "p:phase", "y", "x"]],
    [/the order of the axes z, y, x, c: time must come first and space last/, ["z", "y", "x", "c:channel"]],
  ] as const)("is refused by name where 0.6 cannot express it: %s", async ([reason, axes]) => {
    const written = axes.map((one) => {
      const [name = "", type = "space"] = one.split(":");
      return axis(name, type);
    });
    const source = image09(written);
    expect(await errorsIn(source)).toEqual([]);
    for (const version of WRITABLE) {
      await expect(convert(source, version)).rejects.toThrow(/0\.6 cannot express/);
      await expect(convert(source, version)).rejects.toThrow(reason);
    }
    expect(await errorsIn((await convert(source)).written)).toEqual([]);
  });

  test("a map of one axis, which 0.6 does not have, is refused by name", async () => {
    const transform = { type: "mapAxis", mapAxis: [0], input: { name: "body" }, output: { name: "other" } };
    const axes = [Y, X];
    const multiscale = {
      ...{ name: "i", coordinateSystems: ["body", "other"].map((name) => ({ name, axes })) },
      datasets: [{ path: "0", coordinateTransformations: [{ type: "scale", scale: [1, 1], ...ENDS }] }],
      coordinateTransformations: [transform],
    };
    const source = image09(axes, { multiscales: [multiscale] });
    expect(await errorsIn(source)).toEqual([]);
    await expect(convert(source, "0.6")).rejects.toThrow(
      /0\.6 cannot express .*mapAxis.* must have 2 to 5 members/,
    );
  });
});

describe("drafts and unknown versions", () => {
  function image06(version: string, ends: JsonObject = ENDS): Store {
    const axes = [axis("y", "space"), axis("x", "space")];
    const transform = { type: "scale", scale: [1, 1], ...ends };
    const multiscale = {
      ...{ name: "i", coordinateSystems: [{ name: "body", axes }] },
      datasets: [{ path: "0", coordinateTransformations: [transform] }],
    };
    const values = smallImage(
      { "/": { version, multiscales: [multiscale] } },
      { "/0": { shape: [4, 4], valueAt: (i) => i, document: { dimension_names: ["y", "x"] } } },
    );
    return memoryStore(values, "image.zarr");
  }

  test.for(["0.6.dev1", "0.6rc0", "0.6", "0.7", "foo"])(
    "%s is written as 0.6 where that is asked for",
    async (name) => {
      const { plan, written } = await convert(image06(name), "0.6");
      expect(plan).toMatchObject({ from: name, to: "0.6" });
      expect(await jsonOf(written, "/zarr.json")).toMatchObject({ attributes: { ome: { version: "0.6" } } });
      expect(await errorsIn(written)).toEqual([]);
      expect(await differences(image06(name), written)).toEqual([]);
    },
  );

  test("the bare input and output of drafts before 0.6.dev4 become those of 0.6", async () => {
    const source = image06("0.6.dev2", { input: "0", output: "body" });
    for (const version of WRITABLE) {
      const { written } = await convert(source, version);
      expect(await errorsIn(written)).toEqual([]);
      expect(await differences(source, written)).toEqual([]);
    }
  });

  test("a hierarchy of several versions gets the one that is asked for", async () => {
    const label = { ...imageMetadata("yx"), version: "0.5-dev", "image-label": {} };
    const array = { shape: [4, 4], valueAt: (i: number) => i, document: { dimension_names: ["y", "x"] } };
    const values = smallImage(
      { "/": imageMetadata("yx"), "/labels": { version: "0.6", labels: ["n"] }, "/labels/n": label },
      { "/0": array, "/labels/n/0": array },
    );
    const { plan, written } = await convert(memoryStore(values, "image.zarr"), "0.5");
    expect(plan).toMatchObject({ from: "0.5", to: "0.5" });
    expect(await errorsIn(written)).toEqual([]);
  });

  test("a version that is a number, or missing, is written as text", async () => {
    for (const version of [0.5, undefined]) {
      const values = smallImage(
        { "/": { ...imageMetadata("yx"), version } },
        { "/0": { shape: [4, 4], document: { dimension_names: ["y", "x"] } } },
      );
      const { plan, written } = await convert(memoryStore(values, "image.zarr"));
      expect(plan).toMatchObject({ from: "0.5", to: "0.5" });
      expect(await jsonOf(written, "/zarr.json")).toMatchObject({ attributes: { ome: { version: "0.5" } } });
      expect(await errorsIn(written)).toEqual([]);
    }
  });
});

describe("0.1 to 0.3", () => {
  function flat(attributes: JsonObject, shapes: Readonly<Record<string, readonly number[]>>): Values {
    const zarray = {
      zarr_format: 2,
      dtype: "|u1",
      compressor: null,
      fill_value: 0,
      order: "C",
      filters: null,
    };
    return new Map([
      ["/.zgroup", encodeJson({ zarr_format: 2 })],
      ["/.zattrs", encodeJson(attributes)],
      ...Object.entries(shapes).flatMap(([path, shape]): [`/${string}`, Uint8Array][] => [
        [`/${path}/.zarray`, encodeJson({ ...zarray, shape, chunks: shape })],
        [
          `/${path}/${shape.map(() => 0).join(".")}`,
          Uint8Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i),
        ],
      ]),
    ]);
  }

  const datasets = [{ path: "0" }, { path: "1" }];
  const OF = {
    "0.1": flat(
      { multiscales: [{ version: "0.1", name: "i", datasets }] },
      { 0: [1, 2, 1, 5, 8], 1: [1, 2, 1, 3, 4] },
    ),
    "0.2": flat(
      { multiscales: [{ version: "0.2", name: "i", datasets }] },
      { 0: [1, 2, 1, 5, 8], 1: [1, 2, 1, 3, 4] },
    ),
    "0.3": flat(
      { multiscales: [{ version: "0.3", name: "i", axes: ["c", "y", "x"], datasets }] },
      { 0: [2, 5, 8], 1: [2, 3, 4] },
    ),
    "no version": flat({ multiscales: [{ datasets }] }, { 0: [1, 2, 1, 5, 8], 1: [1, 2, 1, 3, 4] }),
  };

  test.for(
    Object.keys(OF).flatMap((from) =>
      [undefined, ...WRITABLE].map((to) => [from as keyof typeof OF, to] as const),
    ),
  )("%s becomes valid as %s, with scales of the shapes", async ([from, version]) => {
    const source = memoryStore(OF[from], "image.zarr");
    const { plan, written } = await convert(source, version);
    expect(plan).toMatchObject({ from: from === "no version" ? "0.1" : from, to: version ?? "0.5" });
    expect(plan.findings.map(({ rule }) => rule)).toContain("upgraded-scales");
    expect(await errorsIn(written)).toEqual([]);
    expect(await differences(source, written)).toEqual([]);
    const node = await openOmeZarr(written, { formats: [] });
    expect(node.images[0]?.axes.map(({ type }) => type).slice(-3)).toEqual(
      from === "0.3" ? ["channel", "space", "space"] : ["space", "space", "space"],
    );
    expect(node.images[0]?.levels.map(({ scale }) => scale.slice(-2))).toEqual([
      [1, 1],
      [5 / 3, 2],
    ]);
  });

  test("the wells of a plate get the indices of their names", async () => {
    const wells = [{ path: "B/2" }];
    const plate = { version: "0.1", rows: [{ name: "A" }, { name: "B" }], columns: [{ name: "2" }], wells };
    const values: Values = new Map([
      ["/.zgroup", encodeJson({ zarr_format: 2 })],
      ["/.zattrs", encodeJson({ plate })],
      ["/B/2/.zgroup", encodeJson({ zarr_format: 2 })],
      ["/B/2/.zattrs", encodeJson({ well: { version: "0.1", images: [{ path: "0" }] } })],
      ...[...OF["0.1"]].map(([key, bytes]) => [`/B/2/0${key}`, bytes] as const),
    ]);
    const { written } = await convert(memoryStore(values, "plate.zarr"));
    expect(await errorsIn(written)).toEqual([]);
    expect(await jsonOf(written, "/zarr.json")).toMatchObject({
      attributes: { ome: { plate: { wells: [{ path: "B/2", rowIndex: 1, columnIndex: 0 }] } } },
    });
  });

  test.for([
    [/images of 0\.1 have the five axes t, c, z, y, x, and its arrays have 2 dimensions/, "0.1", {}],
    [/it does not name its axes/, "0.3", {}],
  ] as const)("what would be a guess is refused: %s", async ([reason, version, members]) => {
    const multiscales = [{ version, datasets: [{ path: "0" }], ...members }];
    for (const to of [undefined, ...WRITABLE]) {
      const source = memoryStore(flat({ multiscales }, { 0: [4, 4] }), "image.zarr");
      await expect(convert(source, to)).rejects.toThrow(reason);
      await expect(convert(source, to)).rejects.toMatchObject({
        _tag: "Unsupported",
        feature: `OME-Zarr ${version}`,
      });
    }
  });
});

describe("info, validate and convert tell one version", () => {
  const V3 = ["0.5", "0.5-dev", "0.6", "0.6rc0", "0.6.dev3", "0.7", "0.9.dev1", "0.9.dev2", "foo", 0.5];
  const V2 = ["0.1", "0.2", "0.3", "0.4", "0.4-dev-spatialdata", "0.4rc1", 0.4, undefined];

  test.for([...V3.map((version) => [3, version] as const), ...V2.map((version) => [2, version] as const)])(
    "Zarr v%i, %s",
    async ([zarrFormat, version]) => {
      const { multiscales } = imageMetadata("tczyx") as { multiscales: [JsonObject] };
      const array = arrayDocument({ shape: [1, 1, 1, 4, 4] });
      const zarray = { zarr_format: 2, shape: [1, 1, 1, 4, 4], chunks: [1, 1, 1, 4, 4], dtype: "<u2" };
      const values: Values =
        zarrFormat === 3
          ? new Map([
              ["/zarr.json", encodeJson(groupDocument({ ome: { version, multiscales } }))],
              ["/0/zarr.json", encodeJson(array)],
            ])
          : new Map([
              ["/.zgroup", encodeJson({ zarr_format: 2 })],
              ["/.zattrs", encodeJson({ multiscales: [{ ...multiscales[0], version }] })],
              [
                "/0/.zarray",
                encodeJson({ ...zarray, compressor: null, fill_value: 0, order: "C", filters: null }),
              ],
            ]);
      const store = memoryStore(values, "image.zarr");
      const { omeVersion } = await validateOmeZarr(store, { formats: [] });
      expect(omeVersion).toBe(String(version ?? "0.4"));
      expect((await inspectNode(await openOmeZarr(store, { formats: [] }))).omeVersion).toBe(omeVersion);
      expect((await planTransfer(store, {})).from).toBe(omeVersion);
      const { to } = await planTransfer(store, {});
      expect(to).toBe(omeVersion);
    },
  );
});
