import { type AbsolutePath, type JsonObject, readHierarchy, readOme, type Store } from "@ozx/core";
import { memoryStore } from "@ozx/core/container";
import { stringifyJson } from "@ozx/core/internal";
import { openDirectoryStore } from "@ozx/core/internal/node";
import { sharedPath, skipFor, withoutSharedData } from "@ozx/testing";
import { describe, expect, test } from "vitest";
import { arrayV3, groupV3, scale, translation } from "../../../core/test/ome/hierarchy.js";
import { planTransfer, runTransfer, selectView } from "../../src/index.js";
import { memoryTarget } from "../support/memory-target.js";

const CASE = "cases/scale-identity.zarr";

const AXES = ["z", "y", "x"].map((name) => ({ name, type: "space", unit: "micrometer" }));
const identity: JsonObject = { type: "identity" };
const ends = { input: { path: "0" }, output: { name: "physical" } };

/** An image of one level of 128 × 64 × 64 pixels in chunks of 64, none of which is stored. */
function imageOf(version: "0.5" | "0.6", transforms: unknown, ofMultiscale?: JsonObject[]): Store {
  const multiscale = {
    ...(version === "0.5" ? { axes: AXES } : { coordinateSystems: [{ name: "physical", axes: AXES }] }),
    datasets: [{ path: "0", ...(transforms !== undefined && { coordinateTransformations: transforms }) }],
    ...(ofMultiscale && { coordinateTransformations: ofMultiscale }),
  };
  const documents: [AbsolutePath, JsonObject][] = [
    ["/zarr.json", groupV3({ ome: { version, multiscales: [multiscale] } })],
    ["/0/zarr.json", arrayV3([128, 64, 64], ["z", "y", "x"])],
  ];
  return memoryStore(new Map(documents.map(([key, document]) => [key, stringifyJson(document)])));
}

async function cutZ(source: Store, start: number, stop: number): Promise<Store> {
  const target = memoryTarget();
  const view = await selectView(source, { ranges: { z: { start, stop } } });
  await runTransfer(await planTransfer(view, {}), target);
  return target.store;
}

/** As `info` tells of it. */
async function placementOf(store: Store) {
  const node = readOme(await readHierarchy(store));
  if (node.kind !== "image") throw new Error(`expected an image, not ${node.kind}`);
  const { scale, translation, problems } = node.multiscales[0].levels[0] ?? {};
  expect(problems).toEqual([]);
  return { scale, translation };
}

async function writtenIn(store: Store): Promise<JsonObject> {
  const document = JSON.parse(new TextDecoder().decode(await store.get("/zarr.json")));
  return document.attributes.ome.multiscales[0];
}

describe("a cut keeps the size and the position of every pixel", () => {
  test.each<[string, "0.5" | "0.6", unknown, JsonObject[]?]>([
    ["no transformation", "0.5", undefined],
    ["scale", "0.5", [scale(2, 0.5, 0.5)]],
    ["scale and translation", "0.5", [scale(2, 0.5, 0.5), translation(1, 2, 3)]],
    ["scale, then identity", "0.5", [scale(2, 0.5, 0.5), identity]],
    ["identity, then scale", "0.5", [identity, scale(2, 0.5, 0.5)]],
    ["translation before scale", "0.5", [translation(1, 2, 3), scale(2, 0.5, 0.5)]],
    ["two scales", "0.5", [scale(2, 0.5, 0.5), scale(3, 2, 2)]],
    ["two translations", "0.5", [scale(2, 1, 1), translation(1, 2, 3), translation(1, 2, 3)]],
    ["scale of the multiscale", "0.5", [scale(2, 0.5, 0.5)], [scale(10, 2, 2)]],
    [
      "all of both",
      "0.5",
      [translation(1, 2, 3), scale(2, 1, 1), identity],
      [scale(4, 2, 2), translation(5, 6, 7)],
    ],
    ["0.6: scale", "0.6", [{ ...scale(2, 0.5, 0.5), ...ends }]],
    ["0.6: identity", "0.6", [{ ...identity, ...ends }]],
    [
      "0.6: sequence",
      "0.6",
      [{ type: "sequence", ...ends, transformations: [scale(2, 1, 1), translation(1, 2, 3)] }],
    ],
    [
      "0.6: sequence the wrong way round",
      "0.6",
      [{ type: "sequence", ...ends, transformations: [translation(1, 2, 3), scale(2, 1, 1)] }],
    ],
    [
      "0.6: into another system, which levels are not placed by",
      "0.6",
      [{ ...scale(2, 0.5, 0.5), ...ends }],
      [{ ...scale(9, 9, 9), input: { name: "physical" }, output: { name: "stage" } }],
    ],
  ])("%s", async (_, version, transforms, ofMultiscale) => {
    const source = imageOf(version, transforms, ofMultiscale);
    const before = await placementOf(source);
    const taken = await cutZ(source, 64, 128);
    const [z = 1, ...sizes] = before.scale ?? [];
    const [place = 0, ...places] = before.translation ?? [];
    expect(await placementOf(taken)).toEqual({
      scale: [z, ...sizes],
      translation: [place + 64 * z, ...places],
    });
    expect((await writtenIn(taken))["coordinateTransformations"]).toEqual(ofMultiscale);
  });

  test("0.6: each transformation of a level leads from its array, so each is moved", async () => {
    const other = { ...scale(3, 1, 1), input: { path: "0" }, output: { name: "other" } };
    const taken = await cutZ(imageOf("0.6", [{ ...scale(2, 1, 1), ...ends }, other]), 64, 128);
    const moved = (size: number) => [scale(size, 1, 1), translation(64 * size, 0, 0)];
    expect((await writtenIn(taken))["datasets"]).toEqual([
      {
        path: "0",
        coordinateTransformations: [
          { type: "sequence", ...ends, transformations: moved(2) },
          { type: "sequence", input: other.input, output: other.output, transformations: moved(3) },
        ],
      },
    ]);
  });

  test.each<[string, unknown]>([
    ["affine", [{ type: "affine", affine: [] }]],
    ["affine beside a scale", [scale(1, 1, 1), { type: "affine", affine: [] }]],
    ["something that is no list", "none"],
    ["something that is no transformation", [scale(1, 1, 1), 7]],
    ["a scale of too few numbers", [scale(1, 1)]],
  ])("%s is refused, not left out", async (_, transforms) => {
    await expect(cutZ(imageOf("0.5", transforms), 64, 128)).rejects.toMatchObject({ _tag: "Unsupported" });
  });

  test("the case scale-identity.zarr, --z 2:4", skipFor(withoutSharedData(CASE)), async () => {
    const source = await openDirectoryStore(sharedPath(CASE));
    expect(await placementOf(await cutZ(source, 2, 4))).toEqual({
      scale: [2, 0.5, 0.5],
      translation: [4, 0, 0],
    });
  });
});

describe("--pyramid", () => {
  async function withLevels(source: Store) {
    const target = memoryTarget();
    const plan = await planTransfer(source, {}, { pyramid: true });
    await runTransfer(plan, target);
    const node = readOme(await readHierarchy(target.store));
    if (node.kind !== "image") throw new Error(`expected an image, not ${node.kind}`);
    return { levels: node.multiscales[0].levels, findings: plan.findings };
  }

  function large(transforms: unknown): Store {
    const multiscale = {
      axes: AXES.slice(1),
      datasets: [{ path: "0", coordinateTransformations: transforms }],
    };
    const documents: [AbsolutePath, JsonObject][] = [
      ["/zarr.json", groupV3({ ome: { version: "0.5", multiscales: [multiscale] } })],
      ["/0/zarr.json", arrayV3([400, 400], ["y", "x"])],
    ];
    return memoryStore(new Map(documents.map(([key, document]) => [key, stringifyJson(document)])));
  }

  test("levels are placed by all transformations of the one above, in their order", async () => {
    const { levels } = await withLevels(large([translation(1, 2), scale(2, 2), identity, scale(3, 3)]));
    expect(levels).toMatchObject([
      { scale: [6, 6], translation: [6, 12] },
      { scale: [12, 12], translation: [9, 15] },
    ]);
  });

  test("no level is added below one whose position is unknown", async () => {
    const { levels, findings } = await withLevels(large([scale(2, 2), { type: "affine", affine: [] }]));
    expect(levels).toHaveLength(1);
    expect(findings).toMatchObject([{ rule: "no-levels-added" }]);
  });
});
