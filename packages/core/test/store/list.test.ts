import { describe, expect, test } from "vitest";
import type { AbsolutePath } from "../../src/index.js";
import { memoryStore } from "../../src/store/memory-store.js";
import { collectEntries, isListed } from "../../src/store/store-keys.js";

describe("collectEntries", () => {
  test("sorts by key, whatever the order of the store", async () => {
    const keys: AbsolutePath[] = ["/zarr.json", "/0/c/10", "/0/c/9", "/0/zarr.json"];
    const store = memoryStore(new Map(keys.map((key) => [key, new Uint8Array(3)])));
    expect(await collectEntries(store.list())).toEqual([
      { key: "/0/c/9", size: 3 },
      { key: "/0/c/10", size: 3 },
      { key: "/0/zarr.json", size: 3 },
      { key: "/zarr.json", size: 3 },
    ]);
  });
});

describe("isListed", () => {
  test("without options everything is", () => {
    expect(isListed("/0/zarr.json", undefined)).toBe(true);
    expect(isListed("/0/zarr.json", {})).toBe(true);
  });

  test("names are whole last segments", () => {
    expect(isListed("/0/zarr.json", { names: ["zarr.json"] })).toBe(true);
    expect(isListed("/0/my-zarr.json", { names: ["zarr.json"] })).toBe(false);
    expect(isListed("/zarr.json/0", { names: ["zarr.json"] })).toBe(false);
  });

  test("a prefix and names must both hold", () => {
    expect(isListed("/a/zarr.json", { prefix: "/a", names: ["zarr.json"] })).toBe(true);
    expect(isListed("/ab/zarr.json", { prefix: "/a", names: ["zarr.json"] })).toBe(false);
    expect(isListed("/a/x", { prefix: "/a", names: ["zarr.json"] })).toBe(false);
  });
});
