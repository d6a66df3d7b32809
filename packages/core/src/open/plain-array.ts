import type { AbsolutePath } from "zarrita";
import type { ReadOptions } from "../bytes/source-and-sink.js";
import { CorruptDataError } from "../errors.js";
import type { Store } from "../store/store.js";
import { nameBelow } from "../store/store-keys.js";
import type { ChunkWorkers } from "../workers/chunk-tasks.js";
import type { ArrayNode } from "../zarr/zarr-node.js";
import { parseChunkKey } from "../zarr/zarr-node.js";
import type { PlainChunks } from "./coding.js";
import type { PixelArray } from "./node.js";
import { openArray } from "./open-array.js";
import type { PlainElements } from "./plain-elements.js";
import type { StoredChunks } from "./stored-chunks.js";

/**
 * An array whose chunks are decompressed by `work`, in threads if it has some; zarrita makes elements of them,
 * or of what stands for them.
 */
export function openPlainArray(
  { store, node }: { readonly store: Store; readonly node: ArrayNode },
  chunks: StoredChunks,
  { task, node: plain, widen, missing }: PlainChunks & Partial<PlainElements>,
  work: ChunkWorkers,
): Promise<PixelArray> {
  const { name } = store;
  const get = async (key: AbsolutePath, options?: ReadOptions): Promise<Uint8Array | undefined> => {
    // Where elements have parts, they lie along one more dimension, of one chunk.
    const position = parseChunkKey(nameBelow(node.path, key), plain.array)?.slice(0, node.array.shape.length);
    const bytes = position && (await chunks(position, options));
    if (position === undefined || bytes === undefined) return position && missing?.();
    const decoded = task === undefined ? bytes : await work.run(task, bytes, options);
    if (typeof decoded !== "string") return aligned(widen?.(decoded) ?? decoded);
    throw new CorruptDataError(
      `chunk (${position.join(", ")}) of ${node.path} in ${name} cannot be read: it ${decoded}`,
      { location: name, path: node.path },
    );
  };
  // Without shards nothing is read in parts.
  const getRange = (): never => {
    throw new TypeError("a chunk is read as a whole");
  };
  return openArray({ name, get, getRange }, plain);
}

/** Elements are looked at where they lie, which must be at a multiple of their size. */
function aligned(bytes: Uint8Array): Uint8Array {
  return bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
}
