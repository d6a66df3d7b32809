import { type AbsolutePath, memoryStore } from "@ozx/core";
import { describeStore } from "@ozx/testing";
import { expect, test } from "vitest";
import { viewStore } from "../../src/store/view.js";

function belowFolder(entries: Map<AbsolutePath, Uint8Array>, folder: AbsolutePath) {
  const moved = [...entries].map(([key, value]) => [`${folder}${key}` as AbsolutePath, value] as const);
  return new Map([...moved, ["/beside/zarr.json" as const, new Uint8Array(3)] as const]);
}

describeStore("a view of a folder inside", async (entries) =>
  viewStore(memoryStore(belowFolder(entries, "/B/03")), "view", { root: "/B/03" }),
);

describeStore("a view with documents and moved keys", async (entries) => {
  const hidden: AbsolutePath = "/zarr.json";
  const document = entries.get(hidden) ?? new Uint8Array();
  const values = new Map(
    [...entries].map(([key, value]) => [`${key}.moved` as AbsolutePath, value] as const),
  );
  values.set(`${hidden}.moved`, new Uint8Array(1));
  return viewStore(memoryStore(values), "view", {
    root: "/",
    documents: new Map([[hidden, document]]),
    toSource: (key) => `${key}.moved`,
    toView: (key) => key.slice(0, -".moved".length) as AbsolutePath,
  });
});

test("a view reads at once where its source does, its own documents too", () => {
  const values = new Map<AbsolutePath, Uint8Array>([
    ["/a/x", new Uint8Array([1, 2, 3])],
    ["/a/zarr.json", new Uint8Array([9])],
  ]);
  const view = viewStore(memoryStore(values), "view", {
    root: "/a",
    documents: new Map([["/zarr.json", new Uint8Array([7, 7])]]),
  });
  const target = new Uint8Array(4);
  expect(view.readSync?.("/x", target)).toBe(3);
  expect([...target]).toEqual([1, 2, 3, 0]);
  expect(view.readSync?.("/zarr.json", target)).toBe(2);
  expect([...target]).toEqual([7, 7, 3, 0]);
  expect(view.readSync?.("/a/x", target)).toBe(0);
});
