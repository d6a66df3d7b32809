import { countElements, gridShape } from "../../image/grid-order.js";
import { itemSizeOf } from "../data-types.js";
import type { ArrayDescription } from "../zarr-node.js";
import { codecOf, DECODABLE, plainName } from "./codec.js";

/** For headers, and for what is tiny. */
const ROOM = 64 * 1024;
/** The least that is allowed to chunks of strings, whose length nothing tells. */
const STRINGS = 64 * 1024 * 1024;
/** The longest string that is expected, on average in a chunk. */
const STRING = 1024;
/** The largest element: filters may store small numbers as larger ones. */
const LARGEST_ITEM = 8;

/** Codecs whose output is not much longer than what they encode. */
const PLAIN: ReadonlySet<string> = new Set([...DECODABLE, "bytes", "transpose", "bitround"]);

/** The most bytes that a stored object of an array can have: a chunk, or a shard with its index. */
export function objectBound(array: ArrayDescription): number {
  const { chunkShape, shardShape } = array;
  const bound = encodedBound(array);
  if (shardShape === undefined) return bound;
  return countElements(gridShape(shardShape, chunkShape)) * (bound + INDEX_SLOT) + ROOM;
}

/** Bytes of a chunk in the index of its shard. */
const INDEX_SLOT = 16;

/**
 * The most bytes that an encoded chunk of an array can have: what cannot be compressed becomes a little longer by all
 * codecs that there are, and nothing twice as long. A chunk of which more is stored is damaged, or made to fill memory.
 */
export function encodedBound({ chunkShape, dtype, codecs }: ArrayDescription): number {
  const elements = countElements(chunkShape);
  const size = itemSizeOf(dtype);
  if (size === undefined) return Math.max(STRINGS, elements * STRING);
  const isPlain = codecs.every((codec) => PLAIN.has(plainName(codecOf(codec).name)));
  return 2 * elements * (isPlain ? size : Math.max(size, LARGEST_ITEM)) + ROOM;
}
