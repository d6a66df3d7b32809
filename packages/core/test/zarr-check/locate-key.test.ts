import { expect, test } from "vitest";
import { type AbsolutePath, readHierarchy } from "../../src/index.js";
import { memoryStore } from "../../src/store/memory-store.js";
import { keyLocator } from "../../src/zarr/array-keys.js";
import type { ArrayNode, Hierarchy } from "../../src/zarr/zarr-node.js";
import { parseChunkKey } from "../../src/zarr/zarr-node.js";

const KEYS = [
  ...["c", "c/0", "c/0/0", "c/2/1", "c/3/0", "c/0/2", "c/0/0/0", "c/00/1", "c/01/1", "c/0/", "c//0", "c/0.1"],
  ...["c/-1/0", "c/0/0x", "c/999999999999999999/0", "c0/0", "c.0.1", "0/1", "0.1", "0", "2.1", "x", "c.0.0 "],
  "zarr.json",
];

async function arrayWith(shape: number[], encoding: object): Promise<Hierarchy> {
  const document = {
    ...{
      zarr_format: 3,
      node_type: "array",
      shape,
      data_type: "uint8",
      fill_value: 0,
      codecs: [{ name: "bytes" }],
    },
    chunk_grid: { name: "regular", configuration: { chunk_shape: shape.map(() => 4) } },
    chunk_key_encoding: encoding,
  };
  return readHierarchy(
    memoryStore(new Map([["/a/zarr.json", new TextEncoder().encode(JSON.stringify(document))]])),
  );
}

test.for([
  [[12, 8], { name: "default" }],
  [[12, 8], { name: "default", configuration: { separator: "." } }],
  [[12, 8], { name: "v2" }],
  [[12, 8], { name: "v2", configuration: { separator: "/" } }],
  [[], { name: "default" }],
  [[], { name: "v2" }],
] as const)("keys of shape %j in %j are understood as parseChunkKey does", async ([shape, encoding]) => {
  const hierarchy = await arrayWith([...shape], encoding);
  const { array } = hierarchy.nodes.get("/a") as ArrayNode;
  const locate = keyLocator(hierarchy);
  for (const key of KEYS.filter((name) => name !== "zarr.json")) {
    const position = parseChunkKey(key, array);
    const isIn = position?.every((at, axis) => at < Math.ceil((shape[axis] ?? 0) / 4));
    // parseChunkKey takes no number of more than 15 digits; here it is merely outside.
    const huge = /\d{16}/.test(key) && locate(`/a/${key}`)?.kind === "outside";
    const place = position === undefined && !huge ? "stray" : isIn ? "in-grid" : "outside";
    expect([key, locate(`/a/${key}`)?.kind]).toEqual([key, place]);
  }
});

test("documents, and keys below no array, belong to none", async () => {
  const locate = keyLocator(await arrayWith([4], { name: "default" }));
  const keys: AbsolutePath[] = ["/a/zarr.json", "/zarr.json", "/b/c/0", "/ab/c/0", "/a"];
  expect(keys.map(locate)).toEqual(keys.map(() => undefined));
  expect(locate("/a/c/zarr.json")?.kind).toBe("stray");
});
