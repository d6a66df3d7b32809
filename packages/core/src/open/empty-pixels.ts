import { stridesOf } from "../image/copy-box.js";
import type { Store } from "../store/store.js";
import { isSharding } from "../zarr/codec/shard-chain.js";
import type { ArrayNode } from "../zarr/zarr-node.js";
import { codingOf, elementParts } from "./chunk-coding.js";
import { type ArraySource, openArray } from "./open-array.js";
import type { Pixels } from "./open-node.js";

/** Pixels of an array that has none along an axis, which zarrita 0.7.5 does not read. */
export async function emptyPixels(
  store: Store,
  node: ArrayNode,
  shape: readonly number[],
): Promise<Pick<Pixels, "data" | "shape" | "stride">> {
  const data = await oneElement(store, node);
  // Whatever stands for the data type in JavaScript, it is made with its length.
  const Values = data.constructor as new (length: number) => Pixels["data"];
  return { data: new Values(0), shape, stride: stridesOf(shape, 1) };
}

/** An array of one element, in what stands for the data type in JavaScript: it has the fill value. */
export async function oneElement({ name }: Store, node: ArrayNode): Promise<Pixels["data"]> {
  const one = await openArray(nothingIn(name), ofOne(node));
  return (await one.getChunk(node.array.shape.map(() => 0))).data;
}

/**
 * What the elements of a missing chunk are: one value, or one for each part where elements have parts, as those of
 * complex numbers.
 *
 * @throws UnsupportedError, InvalidMetadataError where the array cannot be read
 */
export async function fillElement({ name }: Pick<Store, "name">, node: ArrayNode): Promise<unknown[]> {
  const one = ofOne(node);
  const { plain } = codingOf(one);
  const parts = plain && elementParts(one, plain);
  const missing = parts?.missing;
  const array = await openArray(
    missing === undefined ? nothingIn(name) : { ...nothingIn(name), get: async () => missing() },
    parts?.node ?? one,
  );
  const { data } = await array.getChunk(array.shape.map(() => 0));
  return Array.from(data as Iterable<unknown>);
}

/** Where no chunk of an array is stored. */
function nothingIn(name: string): ArraySource {
  return { name, get: async () => undefined, getRange: async () => undefined };
}

/** The array as if it had a single element. */
function ofOne(node: ArrayNode): ArrayNode {
  const ones = node.array.shape.map(() => 1);
  // Nothing is stored, so it does not matter how.
  const codecs = node.array.codecs.some(isSharding) ? [BYTES] : node.array.codecs;
  const array = { ...node.array, shape: ones, chunkShape: ones, shardShape: undefined, codecs };
  const { document } = node;
  if (node.zarrFormat === 2) {
    return { ...node, array, document: { ...document, shape: ones, chunks: ones } };
  }
  const chunk_grid = { name: "regular", configuration: { chunk_shape: ones } };
  return { ...node, array, document: { ...document, shape: ones, chunk_grid, codecs } };
}

const BYTES = { name: "bytes", configuration: { endian: "little" } };
