import { readHierarchy } from "@ozx/core";
import { memoryStore } from "@ozx/core/container";
import { sampleMap } from "@ozx/testing";
import { expect, test } from "vitest";
import { initiallyCollapsed, nodeRows, visibleRows } from "../src/metadata/node-rows.js";

const PLATE = Array.from({ length: 40 }, (_, well) => `A/${well + 1}`);

/** A plate's tree: a group a well, with one field of one level in it. */
async function plateHierarchy() {
  const group = { zarr_format: 3, node_type: "group" };
  const [array] = [...(await sampleMap({ levels: 1, size: { y: 8, x: 8 } }))].filter(
    ([key]) => key === "/0/zarr.json",
  );
  const bytes = (value: object): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
  const store = memoryStore(new Map([["/zarr.json", bytes(group)]]));
  for (const well of PLATE) {
    await store.set(`/${well}/zarr.json`, bytes(group));
    await store.set(`/${well}/0/zarr.json`, bytes(group));
    if (array !== undefined) await store.set(`/${well}/0/0/zarr.json`, array[1]);
  }
  await store.set("/broken/zarr.json", new TextEncoder().encode("{"));
  return readHierarchy(store);
}

test("nodes are below the nearest node above them, numbers sorted by their value", async () => {
  const rows = nodeRows(await plateHierarchy(), undefined);
  expect(rows.slice(0, 4).map(({ path, name, depth }) => [path, name, depth])).toEqual([
    ["/", "/", 0],
    ["/A/1", "A/1", 1],
    ["/A/1/0", "0", 2],
    ["/A/1/0/0", "0", 3],
  ]);
  expect(rows.filter(({ depth }) => depth === 1).map(({ name }) => name)).toEqual([...PLATE, "broken"]);
  expect(rows.at(-1)).toMatchObject({ kind: "broken", fault: expect.stringMatching(/JSON/) });
  expect(rows[3]?.array).toMatchObject({ dtype: "uint16", storedBytes: null });
});

test("long trees are collapsed, the deepest nodes first", async () => {
  const rows = nodeRows(await plateHierarchy(), undefined);
  expect(initiallyCollapsed(rows, 1000).size).toBe(0);
  const collapsed = initiallyCollapsed(rows, 100);
  expect(visibleRows(rows, collapsed).map(({ depth }) => depth)).not.toContain(3);
  expect(visibleRows(rows, initiallyCollapsed(rows, 50)).map(({ name }) => name)).toEqual([
    "/",
    ...PLATE,
    "broken",
  ]);
});
