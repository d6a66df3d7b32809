import { openOmeZarr } from "@ozx/core";
import { memoryStore } from "@ozx/core/container";
import { openPath } from "@ozx/core/node";
import { describeWithSharedData, imageMetadata, smallImage } from "@ozx/testing";
import { expect, test } from "vitest";
import { selectView, verifyStores } from "../../src/index.js";
import { planTransfer } from "../../src/plan/plan-transfer.js";

const ARRAY = { shape: [4, 4], valueAt: (index: number) => index };
const LABELS = { version: "0.5", labels: ["cells"] };

const INCOMPLETE = {
  "the largest level": ["/0", smallImage({ "/": imageMetadata("yx", ["0", "1"]) }, { "/1": ARRAY })],
  "the smallest level": ["/1", smallImage({ "/": imageMetadata("yx", ["0", "1"]) }, { "/0": ARRAY })],
  "a level of a label image": [
    "/labels/cells/1",
    smallImage(
      {
        "/": imageMetadata("yx"),
        "/labels": LABELS,
        "/labels/cells": { ...imageMetadata("yx", ["0", "1"]), "image-label": {} },
      },
      { "/0": ARRAY, "/labels/cells/0": ARRAY },
    ),
  ],
} as const;

test.for(Object.entries(INCOMPLETE))(
  "%s without an array is not left out in silence",
  async ([, [path, values]]) => {
    const store = memoryStore(values, "image.zarr");
    for (const needs of [{}, { zarrFormat: 3 }] as const) {
      await expect(planTransfer(store, needs)).rejects.toMatchObject({
        _tag: "InvalidMetadata",
        path,
        message: expect.stringContaining(`There is no array at ${path}`),
      });
      const { findings } = await planTransfer(store, needs, { allowMissing: true });
      expect(findings.map(({ rule, where }) => [rule, where])).toContainEqual(["ome-level-array", path]);
    }
  },
);

test("a path that leads out of the hierarchy is no level", async () => {
  const store = memoryStore(
    smallImage({ "/": imageMetadata("yx", ["../../etc"]) }, { "/0": ARRAY }),
    "out.zarr",
  );
  await expect(planTransfer(store, {})).rejects.toThrow(/leads out of the hierarchy/);
});

describeWithSharedData("the case missing-level.zarr", "cases/missing-level.zarr", (path) => {
  test("is refused by the name of its level", async () => {
    const store = await openPath(path, { formats: [] });
    await expect(planTransfer(store, { zarrFormat: 3 })).rejects.toMatchObject({
      _tag: "InvalidMetadata",
      path: "/0",
    });
    expect((await planTransfer(store, { zarrFormat: 3 }, { allowMissing: true })).findings).not.toEqual([]);
  });
});

test("a level whose document cannot be read keeps its number when levels are taken", async () => {
  const values = smallImage(
    { "/": imageMetadata("yx", ["0", "1", "2"]) },
    Object.fromEntries(
      [8, 4, 2].map((extent, level) => [
        `/${level}`,
        { shape: [extent, extent], valueAt: () => level, document: { dimension_names: ["y", "x"] } },
      ]),
    ),
  );
  values.set("/0/zarr.json", new TextEncoder().encode("{"));
  const store = memoryStore(values, "image.zarr");
  const view = await selectView(store, { levels: { start: 1, stop: undefined } });
  const { levels } = (await openOmeZarr(view, { formats: [] })).images[0] ?? {};
  expect(levels?.map(({ path, shape }) => [path, shape])).toEqual([
    ["/1", [4, 4]],
    ["/2", [2, 2]],
  ]);
  await expect(selectView(store, { levels: { start: 0, stop: 1 } })).rejects.toThrow(
    /0\/zarr\.json .* is not JSON/,
  );
  await expect(planTransfer(store, { zarrFormat: 3 })).rejects.toThrow(/0\/zarr\.json .* is not JSON/);
  const comparing = async (): Promise<void> => {
    for await (const difference of verifyStores(store, store)) expect(difference).toBeUndefined();
  };
  await expect(comparing()).rejects.toThrow(/0\/zarr\.json .* is not JSON/);
});

test("a level whose path leads nowhere keeps its number when levels are taken", async () => {
  const ome = imageMetadata("yx", ["../../0", "1"]);
  const values = smallImage(
    { "/": ome },
    { "/1": { shape: [4, 4], valueAt: () => 1, document: { dimension_names: ["y", "x"] } } },
  );
  const store = memoryStore(values, "image.zarr");
  const view = await selectView(store, { levels: { start: 1, stop: undefined } });
  expect((await openOmeZarr(view, { formats: [] })).images[0]?.levels.map(({ path }) => path)).toEqual([
    "/1",
  ]);
});
