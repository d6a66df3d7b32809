import { sampleArrays, sampleStore } from "@ozx/testing";
import { describe, expect, test } from "vitest";
import { type AbsolutePath, CorruptDataError, readHierarchy } from "../../src/index.js";
import { memoryStore } from "../../src/store/memory-store.js";
import { readZarrNode } from "../../src/zarr/read-node.js";

function storeOf(documents: Record<AbsolutePath, unknown>): ReturnType<typeof memoryStore> {
  const encode = (value: unknown): Uint8Array =>
    new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));
  const entries = Object.entries(documents).map(
    ([key, value]) => [key as AbsolutePath, encode(value)] as const,
  );
  return memoryStore(new Map(entries), "test.zarr");
}

const group3 = { zarr_format: 3, node_type: "group", attributes: { a: 1 } };
const array2 = { zarr_format: 2, shape: [4], chunks: [2], dtype: "<f4", fill_value: 0, compressor: null };

describe("readHierarchy", () => {
  test("reads what is around a node: it, what is below it, and what is above it", async () => {
    const paths = ["", "/A", "/A/1", "/A/1/0", "/A/1/0/labels", "/A/1/10", "/B"];
    const store = storeOf(Object.fromEntries(paths.map((path) => [`${path}/zarr.json`, group3])));
    const { nodes, broken } = await readHierarchy(store, { around: "/A/1/0" });
    expect([...nodes.keys()]).toEqual(["/", "/A", "/A/1", "/A/1/0", "/A/1/0/labels"]);
    expect(broken).toEqual([]);
  });

  test.for(["0.4", "0.5"] as const)("finds every node of the sample in %s", async (version) => {
    const options = { version, size: { c: 1, z: 1, y: 24, x: 24 }, levels: 2 };
    const hierarchy = await readHierarchy(await sampleStore(options));
    expect(hierarchy.broken).toEqual([]);
    expect([...hierarchy.nodes.keys()]).toEqual([
      "/",
      "/0",
      "/1",
      "/labels",
      "/labels/cells",
      "/labels/cells/0",
      "/labels/cells/1",
      "/tables",
      "/tables/measurements",
      "/tables/measurements/name",
      "/tables/measurements/volume",
    ]);
    for (const { path, shape, chunkShape } of sampleArrays(options)) {
      const node = hierarchy.nodes.get(path);
      expect(node).toMatchObject({ kind: "array", path, zarrFormat: version === "0.4" ? 2 : 3 });
      if (node?.kind === "array") expect(node.array).toMatchObject({ shape, chunkShape });
    }
    expect(hierarchy.nodes.get("/tables")?.attributes).toEqual({ tables: ["measurements"] });
  });

  test("a node that is broken does not spoil the others", async () => {
    const { nodes, broken, location } = await readHierarchy(
      storeOf({
        "/zarr.json": group3,
        "/bad/zarr.json": "{",
        "/bad/below/zarr.json": group3,
        "/format/zarr.json": { ...group3, zarr_format: 4 },
        "/type/zarr.json": { zarr_format: 3, node_type: "table" },
        "/attributes/zarr.json": { ...group3, attributes: [] },
        "/shape/.zarray": { ...array2, shape: "4" },
        "/good/.zarray": array2,
      }),
    );
    expect(location).toBe("test.zarr");
    expect([...nodes.keys()]).toEqual(["/", "/bad/below", "/good"]);
    expect(broken.map(({ path, error }) => [path, error._tag])).toEqual([
      ["/attributes", "InvalidMetadata"],
      ["/bad", "InvalidMetadata"],
      ["/format", "InvalidMetadata"],
      ["/shape", "InvalidMetadata"],
      ["/type", "InvalidMetadata"],
    ]);
    for (const { path, error } of broken) {
      expect(error.message).toContain(`${path.slice(1)}/`);
      expect(error.message).toContain("test.zarr");
    }
  });

  test("a document that cannot be read is a broken node; a fault of ours is not hidden", async () => {
    const { readSync: _atOnce, ...store } = storeOf({ "/zarr.json": group3, "/0/zarr.json": group3 });
    const failing = (error: Error): typeof store => ({
      ...store,
      get: async (key) => {
        if (key === "/0/zarr.json") throw error;
        return store.get(key);
      },
    });
    const corrupt = new CorruptDataError("wrong checksum", { location: "test.zarr" });
    const { nodes, broken } = await readHierarchy(failing(corrupt));
    expect([...nodes.keys()]).toEqual(["/"]);
    expect(broken).toEqual([{ kind: "broken", path: "/0", error: corrupt }]);
    await expect(readHierarchy(failing(new TypeError("a bug")))).rejects.toThrow("a bug");
  });

  test("an empty store has no nodes", async () => {
    expect((await readHierarchy(storeOf({ "/data.bin": "x" }))).nodes.size).toBe(0);
  });

  test("reads hundreds of nodes, each before those below it", async () => {
    const paths = Array.from({ length: 300 }, (_, i) => `/n/${i}`);
    const documents = [...paths, "/n"].map((path) => [`${path}/zarr.json`, group3]);
    const { nodes } = await readHierarchy(storeOf(Object.fromEntries(documents)));
    expect([...nodes.keys()]).toEqual(["/n", ...paths]);
  });

  test("stops at its signal", async () => {
    const reading = readHierarchy(storeOf({ "/zarr.json": group3 }), { signal: AbortSignal.abort() });
    await expect(reading).rejects.toMatchObject({ name: "AbortError" });
  });
});

describe("readNode", () => {
  test("reads Zarr v3 where both formats are there", async () => {
    const store = storeOf({ "/zarr.json": group3, "/.zgroup": { zarr_format: 2 }, "/.zattrs": { b: 2 } });
    expect(await readZarrNode(store, "/")).toMatchObject({ zarrFormat: 3, attributes: { a: 1 } });
  });

  test("joins .zgroup or .zarray with .zattrs", async () => {
    const store = storeOf({
      "/.zgroup": { zarr_format: 2 },
      "/.zattrs": { a: 1 },
      "/0/.zarray": array2,
      "/0/.zattrs": { b: 2 },
    });
    expect(await readZarrNode(store, "/")).toMatchObject({
      kind: "group",
      zarrFormat: 2,
      attributes: { a: 1 },
    });
    expect(await readZarrNode(store, "/0")).toMatchObject({
      kind: "array",
      attributes: { b: 2 },
      document: array2,
    });
  });

  test("a lone .zattrs is a group", async () => {
    expect(await readZarrNode(storeOf({ "/x/.zattrs": { a: 1 } }), "/x")).toMatchObject({
      kind: "group",
      zarrFormat: 2,
      attributes: { a: 1 },
      document: { zarr_format: 2 },
    });
  });

  test("a node without attributes has none", async () => {
    const store = storeOf({ "/zarr.json": { zarr_format: 3, node_type: "group" }, "/0/.zarray": array2 });
    expect((await readZarrNode(store, "/"))?.attributes).toEqual({});
    expect((await readZarrNode(store, "/0"))?.attributes).toEqual({});
  });

  test("nothing is undefined", async () => {
    expect(await readZarrNode(storeOf({ "/0/.zarray": array2 }), "/")).toBeUndefined();
  });
});
