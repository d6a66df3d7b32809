import { readAhead } from "../../bytes/concurrency.js";
import type { ReadOptions } from "../../bytes/source-and-sink.js";
import type { Store, StoreEntry } from "../../store/store.js";
import {
  extentBlocks,
  type ShardExtent,
  type ShardFault,
  type ShardIndex,
  shardFaults,
  sortedExtents,
} from "../shard/shard-index.js";
import type { IndexLayout } from "../shard/shard-layout.js";
import { type ChunkDecoder, LARGEST_CHUNK } from "./chunk-decoder.js";

/** What is wrong with a chunk in a shard. */
export type ShardChunkFault =
  | ShardFault
  /** It is stored in more than `LARGEST_CHUNK` bytes, and not read. */
  | { readonly kind: "too-large"; readonly extent: ShardExtent }
  /** It does not decode: `reason` is the end of a sentence about it. */
  | { readonly kind: "undecodable"; readonly extent: ShardExtent; readonly reason: string };

/** How the chunks of a shard are found and decoded. */
export interface ShardParts {
  readonly layout: IndexLayout;
  /** Undefined where chunks cannot be decoded: then only their extents are checked. */
  readonly decoder: ChunkDecoder | undefined;
}

/**
 * Checks the extents of the chunks in a shard, and decodes those that are valid. Of several chunks with the same extent,
 * the bytes are decoded once, so that no more is read than the shard has, whatever its index says.
 *
 * @param index of the shard
 */
export async function* checkShardChunks(
  store: Store,
  { key, size }: StoreEntry,
  index: ShardIndex,
  { layout: { indexSize, location }, decoder }: ShardParts,
  options: ReadOptions,
): AsyncGenerator<ShardChunkFault> {
  const indexStart = location === "start" ? 0 : size - indexSize;
  const extents = sortedExtents(index);
  const faulty = new Set<ShardExtent>();
  for (const fault of shardFaults(extents, { indexStart, indexEnd: indexStart + indexSize, size })) {
    faulty.add(fault.extent);
    yield fault;
  }
  if (decoder === undefined) return;
  const valid = validExtents(extents, faulty);
  for (const [at, chunks] of valid) {
    if (isTooLarge(at)) for (const extent of chunks) yield { kind: "too-large", extent };
  }
  for (const block of extentBlocks([...valid.keys()].filter((at) => !isTooLarge(at)))) {
    options.signal?.throwIfAborted();
    const range = { offset: block.offset, length: block.length };
    const bytes = (await store.getRange(key, range, options)) ?? new Uint8Array(0);
    const decode = async (extent: ShardExtent) => {
      const at = extent.offset - block.offset;
      return { extent, reason: await decoder.decode(bytes.subarray(at, at + extent.length), options) };
    };
    for await (const { extent, reason } of readAhead(block.extents, decoder.atOnce, decode)) {
      if (reason === undefined) continue;
      for (const chunk of valid.get(extent) ?? []) yield { kind: "undecodable", extent: chunk, reason };
    }
  }
}

/** A chunk that decodes to `LARGEST_CHUNK` is hardly larger when encoded. */
function isTooLarge({ length }: ShardExtent): boolean {
  return length > LARGEST_CHUNK;
}

/**
 * The extents without faults, each once, with all chunks that share it. Together they have no more bytes than the shard,
 * whatever its index says.
 */
function validExtents(
  sorted: readonly ShardExtent[],
  faulty: ReadonlySet<ShardExtent>,
): ReadonlyMap<ShardExtent, readonly ShardExtent[]> {
  const valid = new Map<ShardExtent, ShardExtent[]>();
  for (let from = 0, to = 0; from < sorted.length; from = to) {
    const first = sorted[from] as ShardExtent;
    const isSame = (at: ShardExtent | undefined): boolean =>
      at?.offset === first.offset && at.length === first.length;
    while (isSame(sorted[to])) to++;
    const chunks = sorted.slice(from, to);
    if (!chunks.some((chunk) => faulty.has(chunk))) valid.set(first, chunks);
  }
  return valid;
}
