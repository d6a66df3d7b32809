import { type JsonObject, readHierarchy, type Store } from "@ozx/core";
import { stringifyJson } from "@ozx/core/internal";
import { checkOme, checkSchema } from "@ozx/core/validate";
import { readValues, type SampleOptions, sampleArrays, sampleStore } from "@ozx/testing";
import { describe, expect, test } from "vitest";
import {
  needsOfVersion,
  planTransfer,
  planVersion,
  runTransfer,
  verifyStores,
  type WritableVersion,
} from "../../src/index.js";
import { imageOf } from "../support/image-of.js";
import { memoryTarget } from "../support/memory-target.js";
import { contentOf, jsonOf } from "../support/store-content.js";

const TINY: SampleOptions = { size: { c: 2, z: 2, y: 50, x: 60 }, levels: 2, chunk: 32 };

async function convert(source: Store, version: WritableVersion): Promise<Store> {
  const target = memoryTarget();
  const plan = await planTransfer(source, needsOfVersion(version, {}));
  await runTransfer(await planVersion(plan, version), target);
  return target.store;
}

async function expectSame(left: Store, right: Store): Promise<void> {
  const differences: unknown[] = [];
  for await (const difference of verifyStores(left, right)) differences.push(difference);
  expect(differences).toEqual([]);
}

async function expectValues(store: Store, options: SampleOptions): Promise<void> {
  for (const { path, content } of sampleArrays(options)) {
    expect((await readValues(store, path)).values, path).toEqual(Array.from<unknown>(content.values));
  }
}

/** What is wrong with the metadata, by the rules and the schemas. */
async function errorsIn(store: Store): Promise<string[]> {
  const findings = await checkOme(await readHierarchy(store));
  return findings.filter(({ severity }) => severity === "error").map(({ message }) => message);
}

describe("0.5 becomes 0.6", () => {
  test("axes are a coordinate system, and each level has one transformation to it", async () => {
    const source = await sampleStore({ ...TINY, version: "0.5" });
    const converted = await convert(source, "0.6");
    const { attributes } = (await jsonOf(converted, "/zarr.json")) as { attributes: JsonObject };
    expect(checkSchema("0.6", "image", attributes)).toEqual([]);
    const before = (
      (await jsonOf(source, "/zarr.json"))["attributes"] as { ome: { multiscales: JsonObject[] } }
    ).ome;
    expect(attributes["ome"]).toMatchObject({
      version: "0.6",
      multiscales: [
        {
          coordinateSystems: [{ name: "intrinsic", axes: before.multiscales[0]?.["axes"] }],
          datasets: [
            {
              path: "0",
              coordinateTransformations: [
                {
                  type: "scale",
                  scale: [1, 1.5, 0.325, 0.325],
                  input: { path: "0" },
                  output: { name: "intrinsic" },
                },
              ],
            },
            { path: "1" },
          ],
        },
      ],
    });
    expect(await errorsIn(converted)).toEqual([]);
    await expectSame(source, converted);
    await expectValues(converted, { ...TINY, version: "0.5" });
  });

  test("and 0.5 again: the metadata is the same", async () => {
    const source = await sampleStore({ ...TINY, version: "0.5" });
    const labels = await jsonOf(source, "/labels/cells/zarr.json");
    const ome = (labels["attributes"] as { ome: { "image-label": object } }).ome;
    ome["image-label"] = { ...ome["image-label"], version: "0.5" };
    await source.set("/labels/cells/zarr.json", stringifyJson(labels));
    expect(await contentOf(await convert(await convert(source, "0.6"), "0.5"))).toEqual(
      await contentOf(source),
    );
  });

  test("translations, and transformations of the whole multiscale, become one transformation", async () => {
    const source = imageOf("0.5", {
      axes: [{ name: "y" }, { name: "x" }],
      datasets: [
        {
          path: "0",
          coordinateTransformations: [
            { type: "scale", scale: [2, 3] },
            { type: "translation", translation: [1, 0] },
          ],
        },
      ],
      coordinateTransformations: [
        { type: "scale", scale: [10, 10] },
        { type: "translation", translation: [5, 0] },
      ],
    });
    const converted = await convert(source, "0.6");
    const ome = ((await jsonOf(converted, "/zarr.json"))["attributes"] as { ome: JsonObject }).ome;
    expect(ome["multiscales"]).toEqual([
      {
        coordinateSystems: [
          {
            name: "intrinsic",
            axes: [
              { name: "y", type: "space" },
              { name: "x", type: "space" },
            ],
          },
        ],
        datasets: [
          {
            path: "0",
            coordinateTransformations: [
              {
                type: "sequence",
                transformations: [
                  { type: "scale", scale: [20, 30] },
                  { type: "translation", translation: [15, 0] },
                ],
                input: { path: "0" },
                output: { name: "intrinsic" },
              },
            ],
          },
        ],
      },
    ]);
    await expectSame(source, converted);
  });

  test.each<[string, object[], object[] | undefined, object]>([
    [
      "a translation before the scale",
      [
        { type: "translation", translation: [1, 2] },
        { type: "scale", scale: [2, 3] },
      ],
      undefined,
      {
        type: "sequence",
        transformations: [
          { type: "scale", scale: [2, 3] },
          { type: "translation", translation: [2, 6] },
        ],
      },
    ],
    [
      "two scales and an identity",
      [{ type: "scale", scale: [2, 3] }, { type: "identity" }, { type: "scale", scale: [5, 5] }],
      [{ type: "scale", scale: [2, 2] }],
      { type: "scale", scale: [20, 30] },
    ],
    [
      "a translation of 0 that is written",
      [
        { type: "scale", scale: [2, 3] },
        { type: "translation", translation: [0, 0] },
      ],
      undefined,
      {
        type: "sequence",
        transformations: [
          { type: "scale", scale: [2, 3] },
          { type: "translation", translation: [0, 0] },
        ],
      },
    ],
  ])("%s: the same position in a form that 0.6 allows", async (_, transforms, ofMultiscale, expected) => {
    const source = imageOf("0.5", {
      axes: [{ name: "y" }, { name: "x" }],
      datasets: [{ path: "0", coordinateTransformations: transforms }],
      ...(ofMultiscale && { coordinateTransformations: ofMultiscale }),
    });
    const { attributes } = (await jsonOf(await convert(source, "0.6"), "/zarr.json")) as {
      attributes: JsonObject;
    };
    expect(checkSchema("0.6", "image", attributes)).toEqual([]);
    expect(attributes).toMatchObject({
      ome: { multiscales: [{ datasets: [{ coordinateTransformations: [expected] }] }] },
    });
  });
});

describe("0.6 that 0.5 cannot express is refused by name", () => {
  const axes = ["y", "x"].map((name) => ({ name, type: "space" }));
  const ends = { input: { path: "0" }, output: { name: "a" } };
  const level = (transform: object): JsonObject => ({
    coordinateSystems: [{ name: "a", axes }],
    datasets: [{ path: "0", coordinateTransformations: [transform] }],
  });
  const plain = level({ type: "identity", ...ends });
  test.each<[string, JsonObject, JsonObject?]>([
    [
      "rotation",
      level({
        type: "rotation",
        rotation: [
          [0, 1],
          [1, 0],
        ],
        ...ends,
      }),
    ],
    [
      "several coordinate systems (a, b)",
      {
        ...plain,
        coordinateSystems: [
          { name: "a", axes },
          { name: "b", axes },
        ],
      },
    ],
    ["between coordinate systems", { ...plain, coordinateTransformations: [{ type: "affine" }] }],
    [
      "an axis of type array",
      {
        ...plain,
        coordinateSystems: [{ name: "a", axes: axes.map((axis) => ({ ...axis, type: "array" })) }],
      },
    ],
    ["a scene", plain, { scene: { coordinateTransformations: [] } }],
  ])("%s", async (what, multiscale, more) => {
    const source = imageOf("0.6", multiscale, more);
    await expect(convert(source, "0.5")).rejects.toMatchObject({ _tag: "Unsupported" });
    await expect(convert(source, "0.5")).rejects.toThrow(what);
  });
  test("identity and names of systems other than ours are understood", async () => {
    const converted = await convert(imageOf("0.6", plain), "0.5");
    const { attributes } = (await jsonOf(converted, "/zarr.json")) as { attributes: JsonObject };
    expect(checkSchema("0.5", "image", attributes)).toEqual([]);
  });
});

describe("0.5 becomes 0.4", () => {
  const variants: SampleOptions[] = (["none", "gzip", "zstd", "blosc"] as const).flatMap((codec) =>
    (["<", ">"] as const).flatMap((byteOrder) =>
      (["uint8", "uint16", "float32"] as const).map((dtype) => ({ codec, byteOrder, dtype })),
    ),
  );
  test.each(variants)("with the same values: $codec $byteOrder $dtype", async (variant) => {
    const options: SampleOptions = { ...TINY, ...variant, version: "0.5" };
    const source = await sampleStore(options);
    const converted = await convert(source, "0.4");
    await expectValues(converted, options);
    await expectSame(source, converted);
    expect(await errorsIn(converted)).toEqual([]);
    const attributes = await jsonOf(converted, "/.zattrs");
    expect(checkSchema("0.4", "image", attributes, { strict: false })).toEqual([]);
    for await (const { key } of converted.list()) expect(key).not.toMatch(/zarr\.json$|\/c\//);
  });

  test.each<SampleOptions>([
    { codec: "blosc", order: "F" },
    { codec: "zstd", byteOrder: ">" },
    { codec: "gzip" },
    { codec: "none" },
  ])("0.4, 0.5 and 0.4 again are equal: %j", async (variant) => {
    const source = await sampleStore({ ...TINY, ...variant, version: "0.4" });
    const back = await contentOf(await convert(await convert(source, "0.5"), "0.4"));
    const before = await contentOf(source);
    expect([...back.keys()]).toEqual([...before.keys()]);
    for (const [key, value] of before) {
      // Along a single axis there is but one order.
      const isFlat = (value as { shape?: number[] }).shape?.length === 1;
      const expected = isFlat ? { ...(value as object), order: "C" } : (value as object);
      if (!(value instanceof Uint8Array)) expect(back.get(key), key).toMatchObject(expected);
      else expect(back.get(key), key).toEqual(value);
    }
  });

  test("0.6 becomes 0.4 too", async () => {
    const source = await sampleStore({ ...TINY, version: "0.5" });
    const converted = await convert(await convert(source, "0.6"), "0.4");
    expect(await errorsIn(converted)).toEqual([]);
    await expectSame(source, converted);
  });

  test.each([
    ["NaN", "NaN"],
    ["0x7fc00000", "NaN"],
    ["0x3f800000", 1],
    ["-Infinity", "-Infinity"],
    [0.5, 0.5],
  ])("the fill value %j is %j", async (value, expected) => {
    const source = await sampleStore({ ...TINY, version: "0.5", dtype: "float32" });
    await source.set(
      "/0/zarr.json",
      stringifyJson({ ...(await jsonOf(source, "/0/zarr.json")), fill_value: value }),
    );
    expect(await jsonOf(await convert(source, "0.4"), "/0/.zarray")).toMatchObject({ fill_value: expected });
  });

  test.each<[string, JsonObject]>([
    ["numcodecs.delta", { codecs: [{ name: "bytes" }, { name: "numcodecs.delta" }] }],
    ["compressed twice", { codecs: [{ name: "bytes" }, { name: "gzip" }, { name: "zstd" }] }],
    [
      "transposed by [1,0,2,3]",
      { codecs: [{ name: "transpose", configuration: { order: [1, 0, 2, 3] } }, { name: "bytes" }] },
    ],
    ["data type int4", { data_type: "int4" }],
  ])("%s is refused by name", async (what, members) => {
    const source = await sampleStore({ ...TINY, version: "0.5" });
    await source.set(
      "/0/zarr.json",
      stringifyJson({ ...(await jsonOf(source, "/0/zarr.json")), ...members }),
    );
    await expect(convert(source, "0.4")).rejects.toMatchObject({ _tag: "Unsupported", path: "0/zarr.json" });
    await expect(convert(source, "0.4")).rejects.toThrow(what);
  });

  test("an archive is refused", () => {
    expect(() => needsOfVersion("0.4", { zarrFormat: 3 })).toThrow("RFC-9");
  });
});
