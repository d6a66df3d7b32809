import { memoryStore } from "@ozx/core/container";
import { validateOmeZarr, verdictsOf } from "@ozx/core/validate";
import { encodeJson, groupDocument, imageMetadata, smallImage } from "@ozx/testing";
import { describe, expect, test } from "vitest";
import { inspectNode } from "../../src/inspect/inspect-node.js";
import { openOmeZarr } from "../../src/open/open-ome-zarr.js";

const NO_FORMATS = { formats: [] };
type Json = { [name: string]: unknown };

const ARRAY = { shape: [4, 4], document: { dimension_names: ["y", "x"] } };

function imageWith(change: Json) {
  const ome = imageMetadata("yx") as { multiscales: [Json] };
  const multiscales = [{ ...ome.multiscales[0], name: "i", type: "mean", metadata: {}, ...change }];
  return smallImage({ "/": { ...ome, multiscales } }, { "/0": ARRAY });
}

async function errorsIn(values: Map<`/${string}`, Uint8Array>) {
  const { groups } = await validateOmeZarr(memoryStore(values, "image.zarr"), NO_FORMATS);
  return groups.filter(({ severity }) => severity === "error");
}

test.for(["space", "channel"])("a unit of null, of an axis of %s, is said to be no text", async (type) => {
  const axes = ["c", "y", "x"].map((name) =>
    name === "c" ? { name, type, unit: null } : { name, type: "space", unit: "micrometer" },
  );
  const errors = await errorsIn(imageWith({ axes }));
  const messages = errors.flatMap(({ examples }) => examples.map(({ message }) => message)).join("\n");
  expect(messages).toMatch(
    type === "space"
      ? /axes\[0\]\.unit .* must be a string; it is null/
      : /unit of the axis "c" .* must be text/,
  );
  expect(messages).not.toMatch(/axes of type space/);
});

test("an image with bioformats2raw.layout is the image, with a finding", async () => {
  const values = smallImage(
    { "/": { ...imageMetadata("yx"), "bioformats2raw.layout": 3 } },
    { "/0": { ...ARRAY, valueAt: (index) => index } },
  );
  const store = memoryStore(values, "image.zarr");
  const node = await openOmeZarr(store, NO_FORMATS);
  expect(node.kind).toBe("image");
  expect((await node.images[0]?.level(0).read())?.shape).toEqual([4, 4]);
  const { groups } = await validateOmeZarr(store, NO_FORMATS);
  expect(groups.map(({ rule }) => rule)).toContain("ome-image-and-layout");
});

test("plain Zarr in a folder is no OME-Zarr", async () => {
  const store = {
    ...memoryStore(smallImage({ "/": {} }, { "/0": ARRAY }), "plain.zarr"),
    format: "directory",
  };
  await store.set("/zarr.json", encodeJson(groupDocument({})));
  await expect(validateOmeZarr(store, NO_FORMATS)).rejects.toMatchObject({ _tag: "UnknownFormat" });
});

test("a level whose path leads out of the hierarchy does not conform", async () => {
  const errors = await errorsIn(
    imageWith({
      datasets: [{ path: "../../etc", coordinateTransformations: [{ type: "scale", scale: [1, 1] }] }],
    }),
  );
  expect(errors.flatMap(({ examples }) => examples.map(({ message }) => message)).join()).toMatch(
    /leads out of the hierarchy/,
  );
});

describe("versions", () => {
  type Values = Map<`/${string}`, Uint8Array>;

  function inVersion(version: string): Values {
    const values = imageWith({});
    const document = JSON.parse(new TextDecoder().decode(values.get("/zarr.json"))) as {
      attributes: { ome: Json };
    };
    document.attributes.ome["version"] = version;
    return values.set("/zarr.json", encodeJson(document));
  }

  function flat(multiscale: Json, shapes: readonly (readonly number[])[] = [[4, 4]]): Values {
    const zarray = {
      zarr_format: 2,
      dtype: "|u1",
      compressor: null,
      fill_value: 0,
      order: "C",
      filters: null,
    };
    const datasets = shapes.map((_, level) => ({ path: String(level) }));
    return new Map([
      ["/.zgroup", encodeJson({ zarr_format: 2 })],
      ["/.zattrs", encodeJson({ multiscales: [{ datasets, ...multiscale }] })],
      ...shapes.map(
        (shape, level) =>
          [`/${level}/.zarray`, encodeJson({ ...zarray, shape, chunks: shape })] as [
            `/${string}`,
            Uint8Array,
          ],
      ),
    ]);
  }

  async function reportOf(values: Values) {
    const store = { ...memoryStore(values, "image.zarr"), format: "directory" };
    return validateOmeZarr(store, NO_FORMATS);
  }

  test.for(["0.4-dev-spatialdata", "foo"])(
    "%s does not conform, and is checked all the same",
    async (version) => {
      const scale = { type: "scale", scale: [1, 1] };
      const axes = ["y", "x"].map((name) => ({ name, type: "space" }));
      const datasets = [{ path: "0", coordinateTransformations: [scale, { type: "identity" }] }];
      const report = await reportOf(flat({ version, axes, datasets }));
      expect(verdictsOf(report).find(({ title }) => title.startsWith("OME-Zarr"))).toMatchObject({
        title: `OME-Zarr ${version}`,
        text: "does not conform",
      });
      const errors = report.groups.filter(({ severity }) => severity === "error");
      expect(errors.map(({ rule }) => rule).sort()).toEqual(["ome-schema-image", "ome-version-known"]);
    },
  );

  test.for(["0.6.dev1", "0.6rc0", "0.9.dev1", "0.9.dev2", "0.7"])(
    "%s goes by its own name",
    async (version) => {
      const store = memoryStore(inVersion(version), "image.zarr");
      expect((await validateOmeZarr(store, NO_FORMATS)).omeVersion).toBe(version);
      const node = await openOmeZarr(store, NO_FORMATS);
      const report = await inspectNode(node);
      expect(report.omeVersion).toBe(version);
      expect(report.images[0]).toMatchObject({ omeVersion: version });
    },
  );

  test.for([
    ["0.6", undefined],
    ["0.6rc0", undefined],
    ["0.6.dev1", "ome-version-draft"],
    ["0.9.dev1", undefined],
    ["0.9.dev2", "ome-version-known"],
  ] as const)("%s with coordinate systems is told as %s", async ([version, rule]) => {
    const ends = { input: { path: "0" }, output: { name: "a" } };
    const axes = ["y", "x"].map((name) => ({ name, type: "space", unit: "micrometer" }));
    const multiscale = {
      ...{ name: "i", type: "mean", metadata: {}, coordinateSystems: [{ name: "a", axes }] },
      datasets: [{ path: "0", coordinateTransformations: [{ type: "scale", scale: [1, 1], ...ends }] }],
    };
    const values = smallImage({ "/": { version, multiscales: [multiscale] } }, { "/0": ARRAY });
    expect((await errorsIn(values)).map((error) => error.rule)).toEqual(rule === undefined ? [] : [rule]);
  });

  test("0.3 is promised what is done", async () => {
    const report = await reportOf(flat({ axes: ["y", "x"], version: "0.3" }));
    expect(report.notes.join()).toMatch(/ozx convert upgrades it to 0\.5/);
    expect(verdictsOf(report).map(({ text }) => text)).not.toContain("conforms, OME-Zarr 0.3");
    expect(verdictsOf(report).at(-1)?.text).toMatch(/no schemas of this version/);
  });

  test.for([
    ["0.3", {}, /it does not name its axes/],
    ["0.1", {}, /images of 0\.1 have the five axes t, c, z, y, x, and its arrays have 2 dimensions/],
    ["0.3", { axes: ["y", "x"], datasets: [{ path: "0" }, { path: "1" }] }, /one of them is missing/],
  ] as const)("%s is not promised what is refused: %j", async ([version, multiscale, reason]) => {
    const report = await reportOf(flat({ ...multiscale, version }));
    expect(report.notes.join()).toMatch(/cannot upgrade \/ to 0\.5/);
    expect(report.notes.join()).toMatch(reason);
  });

  test("levels of 0.1 to 0.3 have the scales of their shapes", async () => {
    const shapes = [
      [1, 2, 3, 275, 4],
      [1, 2, 3, 138, 2],
    ];
    const node = await openOmeZarr(memoryStore(flat({ version: "0.2" }, shapes), "image.zarr"), NO_FORMATS);
    expect(node.images[0]?.levels.map(({ scale }) => scale)).toEqual([
      [1, 1, 1, 1, 1],
      [1, 1, 1, 275 / 138, 2],
    ]);
  });
});
