import { memoryStore } from "@ozx/core/container";
import { validateOmeZarr, verdictsOf } from "@ozx/core/validate";
import { encodeJson, groupDocument, imageMetadata, sampleMap, smallImage } from "@ozx/testing";
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

test("a unit of null is said to be no text", async () => {
  const axes = ["y", "x"].map((name) => ({ name, type: "space", unit: null }));
  const errors = await errorsIn(imageWith({ axes }));
  const messages = errors.flatMap(({ examples }) => examples.map(({ message }) => message));
  expect(messages).toContain('The unit of the axis "y" of the image / is null; it must be text.');
  expect(messages.join()).not.toMatch(/only 0 axes|contains/);
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
  test.for(["0.4-dev-spatialdata", "foo"])("%s does not conform", async (version) => {
    const values = await sampleMap({ version: "0.4", levels: 1, size: { c: 1, z: 1, y: 8, x: 8 } });
    const attributes = JSON.parse(new TextDecoder().decode(values.get("/.zattrs"))) as {
      multiscales: [Json];
    };
    attributes.multiscales[0]["version"] = version;
    values.set("/.zattrs", encodeJson(attributes));
    const report = await validateOmeZarr(memoryStore(values, "image.zarr"), NO_FORMATS);
    expect(verdictsOf(report).find(({ title }) => title.startsWith("OME-Zarr"))).toMatchObject({
      title: `OME-Zarr ${version}`,
      text: "does not conform",
    });
  });

  test.for(["0.6.dev1", "0.9.dev1"])("%s goes by its own name", async (version) => {
    const values = imageWith({});
    const document = JSON.parse(new TextDecoder().decode(values.get("/zarr.json"))) as {
      attributes: { ome: Json };
    };
    document.attributes.ome["version"] = version;
    values.set("/zarr.json", encodeJson(document));
    const store = memoryStore(values, "image.zarr");
    expect((await validateOmeZarr(store, NO_FORMATS)).omeVersion).toBe(version);
    const node = await openOmeZarr(store, NO_FORMATS);
    expect((await inspectNode(node)).omeVersion).toBe(version);
  });

  test("0.3 is not promised what is refused", async () => {
    const zarray = { zarr_format: 2, shape: [4, 4], chunks: [4, 4], dtype: "|u1", compressor: null };
    const multiscales = [{ axes: ["y", "x"], datasets: [{ path: "0" }], version: "0.3" }];
    const values = new Map<`/${string}`, Uint8Array>([
      ["/.zgroup", encodeJson({ zarr_format: 2 })],
      ["/.zattrs", encodeJson({ multiscales })],
      ["/0/.zarray", encodeJson({ ...zarray, fill_value: 0, order: "C", filters: null })],
    ]);
    const store = { ...memoryStore(values, "image.zarr"), format: "directory" };
    const report = await validateOmeZarr(store, NO_FORMATS);
    expect(report.notes.join()).toMatch(/cannot upgrade it/);
    expect(verdictsOf(report).map(({ text }) => text)).not.toContain("conforms, OME-Zarr 0.3");
    expect(verdictsOf(report).at(-1)?.text).toMatch(/no schemas of this version/);
  });
});
