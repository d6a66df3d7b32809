import type { JsonObject, Store } from "@ozx/core";
import { expect, test } from "vitest";
import { addLabels } from "../../src/index.js";
import { imageOf } from "../support/image-of.js";
import { growingTarget } from "./growing-target.js";

const AXES = ["y", "x"].map((name) => ({ name, type: "space" }));
const ENDS = { input: { path: "0" }, output: { name: "a" } };

async function add(store: Store): Promise<{ written: Store; added: readonly string[] }> {
  const target = growingTarget();
  const writer = await target.begin?.();
  if (writer === undefined) throw new Error("no writer");
  const labels = await addLabels({ store, writer }, "cells");
  await labels.write({}, new Uint32Array(16).fill(2));
  await labels.close();
  return { written: target.store, added: target.added };
}

test("a candidate of 0.6 stays one, and its labels have its position", async () => {
  const transform = { type: "scale", scale: [2, 3], ...ENDS };
  const datasets = [{ path: "0", coordinateTransformations: [transform] }];
  const store = imageOf("0.6.dev3", { coordinateSystems: [{ name: "a", axes: AXES }], datasets });
  const { written, added } = await add(store);
  expect(added.at(-1)).toBe("/labels/zarr.json");
  const documents = ["/labels/zarr.json", "/labels/cells/zarr.json"] as const;
  const [list, cells] = await Promise.all(
    documents.map(async (key) => JSON.parse(new TextDecoder().decode(await written.get(key))).attributes.ome),
  );
  expect(list).toEqual({ version: "0.6.dev3", labels: ["cells"] });
  expect(cells).toMatchObject({ version: "0.6.dev3", "image-label": { source: { image: "../../" } } });
  expect(JSON.stringify(cells.multiscales)).toContain('"scale":[2,3]');
});

test.each<[string, string, JsonObject]>([
  [
    'the transformation "rotation"',
    "0.6",
    {
      coordinateSystems: [{ name: "a", axes: AXES }],
      datasets: [{ path: "0", coordinateTransformations: [{ type: "rotation", rotation: [], ...ENDS }] }],
    },
  ],
  [
    "OME-Zarr 0.3, and labels can only be added from 0.4 on",
    "0.3",
    { axes: ["y", "x"], datasets: [{ path: "0" }] },
  ],
])("%s: no labels can be added, and nothing is written", async (what, version, multiscale) => {
  const target = growingTarget();
  const writer = await target.begin?.();
  if (writer === undefined) throw new Error("no writer");
  const adding = addLabels({ store: imageOf(version, multiscale), writer }, "cells");
  await expect(adding).rejects.toMatchObject({ _tag: "Unsupported" });
  await expect(adding).rejects.toThrow(new RegExp(what, "i"));
  expect(target.added).toEqual([]);
});
