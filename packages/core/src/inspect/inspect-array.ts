import type { StoredSizes } from "../open/storage.js";
import { itemSizeOf } from "../zarr/data-types.js";
import type { ArrayNode } from "../zarr/zarr-node.js";
import type { ArrayReport } from "./report.js";

/** What there is to say about an array, from its metadata and the sizes of what is stored. */
export function inspectArray({ path, zarrFormat, array }: ArrayNode, stored: StoredSizes): ArrayReport {
  const { shape, chunkShape, shardShape, dtype, codecs } = array;
  const { objects, bytes } = stored.arrays.get(path) ?? { objects: null, bytes: null };
  const grid = shardShape ?? chunkShape;
  return {
    shape,
    chunks: chunkShape,
    shards: shardShape ?? null,
    dtype,
    codecs: codecs.map((codec) => String(codec[zarrFormat === 3 ? "name" : "id"])),
    storedObjects: objects,
    allObjects: shape.reduce((count, size, axis) => count * Math.ceil(size / (grid[axis] ?? 1)), 1),
    storedBytes: bytes,
    uncompressedBytes: uncompressedBytes(shape, itemSizeOf(dtype)),
  };
}

function uncompressedBytes(shape: readonly number[], itemSize: number | undefined): number | string | null {
  if (itemSize === undefined) return null;
  const bytes = shape.reduce((product, size) => product * BigInt(size), BigInt(Math.ceil(itemSize)));
  return bytes <= Number.MAX_SAFE_INTEGER ? Number(bytes) : String(bytes);
}
