import type { AbsolutePath, Store } from "@ozx/core";
import { memoryStore } from "@ozx/core/container";
import { describeStore } from "@ozx/testing";
import { expect, test } from "vitest";
import { viewStore } from "../../src/store/view-store.js";

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

test("a view of what cannot be listed knows documents and sizes by its own keys", async () => {
  const values = new Map<AbsolutePath, Uint8Array>(
    (["/a/zarr.json", "/a/x/zarr.json", "/a/x/c/1", "/b/zarr.json"] as const).map((key, n) => [
      key,
      new Uint8Array(n + 1),
    ]),
  );
  const asked: (AbsolutePath | undefined)[] = [];
  const source: Store = {
    ...memoryStore(values),
    unlisted: {
      async documents({ prefix } = {}) {
        asked.push(prefix);
        return new Map([...values].filter(([key]) => key.endsWith("/zarr.json")));
      },
      size: async (key) => values.get(key)?.length,
    },
  };
  const below = viewStore(source, "view", { root: "/a" });
  expect([...((await below.unlisted?.documents()) ?? [])].map(([key]) => key)).toEqual([
    "/zarr.json",
    "/x/zarr.json",
  ]);
  expect([...((await below.unlisted?.documents({ prefix: "/x" })) ?? [])].map(([key]) => key)).toEqual([
    "/x/zarr.json",
  ]);
  expect(asked).toEqual(["/a", "/a/x"]);
  expect(await below.unlisted?.size("/x/c/1")).toBe(3);
  expect(await below.unlisted?.size("/b/zarr.json")).toBeUndefined();
  const moved = viewStore(below, "view", {
    root: "/",
    documents: new Map([["/x/zarr.json", new Uint8Array([7])]]),
    toSource: (key) => (key === "/x/c/0" ? "/x/c/1" : key),
    toView: (key) => (key === "/zarr.json" ? undefined : key),
  });
  expect(await moved.unlisted?.documents()).toEqual(new Map([["/x/zarr.json", new Uint8Array([7])]]));
  expect(await moved.unlisted?.size("/x/zarr.json")).toBe(1);
  expect(await moved.unlisted?.size("/x/c/0")).toBe(3);
});
