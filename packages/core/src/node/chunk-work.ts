import { type ChunkWork, inlineWork } from "../zarr/codec/chunk-work.js";
import { nodeDeflate } from "./node-deflate.js";

/** Where chunks are decoded and encoded in Node: by Node's zlib, and for all else in this thread. */
export function createChunkWork(): ChunkWork {
  return inlineWork(nodeDeflate);
}
