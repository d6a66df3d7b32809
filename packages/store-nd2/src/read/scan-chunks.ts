import type { ByteSource, ReadOptions } from "@ozx/core";
import { createThrottle } from "@ozx/core/container";
import { ALIGNMENT, HEADER_LENGTH, parseChunkHeader, parseChunkName } from "../parse/chunk.js";
import { type ChunkMap, createChunkMap } from "../parse/chunk-map.js";

/** Bytes that are searched at once where no chunk follows the one before. */
const SEARCHED = 1024 * 1024;
/** Bytes of a chunk that are read for its header and name. */
const START = 512;

/**
 * Finds the chunks of a file without its chunk map, from one to the next, and where none follows another by searching for
 * one. It takes time in proportion to the size of the file at most.
 */
export async function scanChunks(source: ByteSource, options?: ReadOptions): Promise<ChunkMap> {
  const map = createChunkMap();
  const pause = createThrottle(options);
  let at = 0;
  while (at + HEADER_LENGTH <= source.size) {
    options?.signal?.throwIfAborted();
    const rest = pause();
    if (rest !== undefined) await rest;
    const start = await source.read(at, Math.min(START, source.size - at), options);
    const header = parseChunkHeader(start);
    const end = header && at + HEADER_LENGTH + header.nameLength + header.dataLength;
    if (header === undefined || end === undefined || end > source.size) {
      at = await searchChunk(source, at + ALIGNMENT, options);
      continue;
    }
    const name = parseChunkName(start.subarray(HEADER_LENGTH, HEADER_LENGTH + header.nameLength));
    if (name !== undefined) map.add(name, at);
    at = Math.ceil(end / ALIGNMENT) * ALIGNMENT;
  }
  return map;
}

/** The offset of the next chunk, from a multiple of its alignment on; the size of the file where there is none. */
async function searchChunk(source: ByteSource, from: number, options?: ReadOptions): Promise<number> {
  for (let start = from; start < source.size; start += SEARCHED) {
    const bytes = await source.read(start, Math.min(SEARCHED, source.size - start), options);
    for (let at = 0; at < bytes.length; at += ALIGNMENT) {
      if (parseChunkHeader(bytes.subarray(at, at + HEADER_LENGTH)) !== undefined) return start + at;
    }
  }
  return source.size;
}
