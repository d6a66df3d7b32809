import type { Store } from "../store/store.js";
import type { ArrayNode } from "../zarr/zarr-node.js";
import { openArray } from "./open-array.js";
import type { Pixels } from "./open-node.js";

/** Pixels of an array that has none along an axis, which zarrita 0.7.5 does not read. */
export async function emptyPixels(
  { name }: Store,
  node: ArrayNode,
  shape: readonly number[],
): Promise<Pick<Pixels, "data" | "shape" | "stride">> {
  const one = await openArray(
    { name, get: async () => undefined, getRange: async () => undefined },
    ofOne(node),
  );
  const { data } = await one.getChunk(shape.map(() => 0));
  // Whatever stands for the data type in JavaScript, it is made with its length.
  const Values = data.constructor as new (length: number) => Pixels["data"];
  return { data: new Values(0), shape, stride: shape.map((_, axis) => product(shape.slice(axis + 1))) };
}

/** The array as if it had a single element. */
function ofOne(node: ArrayNode): ArrayNode {
  const ones = node.array.shape.map(() => 1);
  const array = { ...node.array, shape: ones, chunkShape: ones, shardShape: undefined };
  const { document } = node;
  if (node.zarrFormat === 2) {
    return { ...node, array, document: { ...document, shape: ones, chunks: ones } };
  }
  const chunk_grid = { name: "regular", configuration: { chunk_shape: ones } };
  return { ...node, array, document: { ...document, shape: ones, chunk_grid, codecs: node.array.codecs } };
}

function product(extents: readonly number[]): number {
  return extents.reduce((total, extent) => total * extent, 1);
}
