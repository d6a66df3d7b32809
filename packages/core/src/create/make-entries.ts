import { readAhead } from "../bytes/concurrency.js";
import type { ReadOptions } from "../bytes/source-and-sink.js";
import type { GeneratedEntry } from "../store/target.js";
import type { ChunkWorkers } from "../workers/chunk-tasks.js";
import type { FeedChunk } from "./chunk-feed.js";
import { encodeChunk } from "./encode-chunk.js";
import type { NewArray } from "./new-array.js";
import type { StoredObjects } from "./stored-objects.js";

/** A level that is written, with what of it is not stored yet. */
export interface OpenArray {
  readonly array: NewArray;
  readonly objects: StoredObjects;
}

/**
 * Encodes chunks, some at once, and gives the entries that they are stored in.
 *
 * @param arrays by the chunks' `level`; undefined for levels that are not written
 */
export async function* makeEntries(
  chunks: AsyncIterable<FeedChunk>,
  arrays: readonly (OpenArray | undefined)[],
  work: ChunkWorkers,
  options?: ReadOptions,
): AsyncGenerator<GeneratedEntry> {
  const encode = async ({ level, origin, block }: FeedChunk) => {
    const open = arrays[level] as OpenArray;
    const position = origin.map((at, axis) => at / (open.array.chunkShape[axis] ?? 1));
    return { objects: open.objects, position, bytes: await encodeChunk(block, open.array, work, options) };
  };
  for await (const { objects, position, bytes } of readAhead(chunks, work.atOnce, encode)) {
    options?.signal?.throwIfAborted();
    const entry = objects.add(position, bytes);
    if (entry !== undefined) yield entry;
  }
}
