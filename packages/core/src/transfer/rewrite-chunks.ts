import { readAhead } from "../bytes/concurrency.js";
import type { ReadOptions } from "../bytes/source-and-sink.js";
import { CorruptDataError } from "../errors.js";
import { remainingParts } from "../store/checkpoints.js";
import type { AbsolutePath, Store } from "../store/store.js";
import { isBelow, joinKey } from "../store/store-keys.js";
import type {
  EntryInput,
  EntryProducer,
  GeneratedEntry,
  ProduceOptions,
  ProducerOrigin,
} from "../store/target.js";
import type { ChunkWorkers } from "../workers/chunk-tasks.js";
import type { PlacedChunk } from "../zarr/shard/assemble-shards.js";
import { encodeShardIndex, type ShardSlot } from "../zarr/shard/shard-index.js";
import { formatChunkKey } from "../zarr/zarr-node.js";
import type { ArrayRewrite } from "./array-rewrite.js";
import { gatherShards, type PlannedShard } from "./gather-shards.js";
import { joinOrigins } from "./join-makers.js";
import { rewriteSizes } from "./rewrite-sizes.js";
import { type ChunkExtent, contentKey, readExtent, shardReader } from "./stored-shards.js";
import { chunksInShards, type UnshardedChunk, unshardChunks } from "./unshard-chunks.js";

/** Makes the chunks and shards of arrays anew. Some chunks are under way at once, and no shard is in memory. */
export function rewriteChunks(
  source: Store,
  rewrites: readonly ArrayRewrite[],
  work: ChunkWorkers,
): EntryProducer | undefined {
  if (rewrites.length === 0) return undefined;
  const planned = rewrites.map((rewrite) => ({ rewrite, shards: gatherShards(rewrite) }));
  const sizes = planned.map(({ rewrite, shards }) => rewriteSizes(rewrite, shards?.length));
  return {
    entries: planned.reduce((sum, { rewrite, shards }) => sum + (shards?.length ?? countChunks(rewrite)), 0),
    bytes: sizes.reduce((sum, { bytes }) => sum + bytes, 0),
    leastBytes: sizes.reduce((sum, { leastBytes }) => sum + leastBytes, 0),
    largest: Math.max(...sizes.map(({ largest }) => largest)),
    origin: joinOrigins(planned.map(({ rewrite }) => originOf(rewrite))),
    async *produce(options) {
      const parts = planned.map((part) => ({ ...part, owns: originOf(part.rewrite).owns }));
      for (const [{ rewrite, shards }, earlier] of remainingParts(parts, options?.earlier)) {
        const making = { ...options, earlier };
        if (shards !== undefined) yield* makeShards(source, rewrite, shards, work, making);
        else if (rewrite.shards !== undefined) yield* makeUnsharded(source, rewrite, work, making);
        else yield* makeChunks(source, rewrite, work, making);
      }
    },
  };
}

function countChunks(rewrite: ArrayRewrite): number {
  return rewrite.shards === undefined ? rewrite.stored.length : chunksInShards(rewrite);
}

function originOf({ path, array, shards, stored, task, shardShape }: ArrayRewrite): ProducerOrigin {
  const { shape, chunkShape } = array;
  return {
    recipe: JSON.stringify({ path, shape, chunkShape, shards, task, shardShape }),
    *reads() {
      for (const { key } of stored) yield contentKey(key);
    },
    owns: (key) => isBelow(key, path),
  };
}

async function* makeChunks(
  source: Store,
  { stored, task }: ArrayRewrite,
  work: ChunkWorkers,
  options: ProduceOptions,
): AsyncGenerator<GeneratedEntry> {
  const last = options.earlier?.last;
  const done = last === undefined ? 0 : stored.findIndex(({ key }) => key.key === last) + 1;
  const make = async ({ key: entry }: PlacedChunk<EntryInput>): Promise<GeneratedEntry> => {
    const bytes = await makeChunk(source, { entry, key: contentKey(entry) }, task, work, options);
    return { key: entry.key, bytes };
  };
  yield* readAhead(stored.slice(done), work.atOnce, make);
}

async function* makeUnsharded(
  source: Store,
  rewrite: ArrayRewrite,
  work: ChunkWorkers,
  options: ProduceOptions,
): AsyncGenerator<GeneratedEntry> {
  const make = async ({ key, bytes, shard }: UnshardedChunk): Promise<GeneratedEntry> => {
    return { key, bytes: await runTask(source, shard, bytes, rewrite.task, work, options) };
  };
  yield* readAhead(unshardChunks(source, rewrite, options), work.atOnce, make);
}

async function* makeShards(
  source: Store,
  rewrite: ArrayRewrite,
  shards: readonly PlannedShard[],
  work: ChunkWorkers,
  options: ProduceOptions,
): AsyncGenerator<GeneratedEntry> {
  const reader = rewrite.shards && shardReader(source, rewrite.shards, options);
  const keyOf = ({ position }: PlannedShard): AbsolutePath =>
    joinKey(rewrite.path, formatChunkKey(position, { prefix: "c", separator: "/" }));
  const last = options.earlier?.last;
  const done = last === undefined ? 0 : shards.findIndex((shard) => keyOf(shard) === last) + 1;
  for (const shard of shards.slice(done)) {
    const { slots, members } = shard;
    const extents: (ChunkExtent | undefined)[] = new Array(slots).fill(undefined);
    for (const { slot, stored, chunk } of members()) {
      extents[slot] = reader ? await reader(stored, chunk) : { entry: stored, key: contentKey(stored) };
    }
    // Of fill values alone; a shard of nothing is not stored.
    if (extents.every((extent) => extent === undefined)) continue;
    yield { key: keyOf(shard), bytes: shardBlocks(source, extents, rewrite, work, options) };
  }
}

/** A shard's chunks one after the other, then its index. */
async function* shardBlocks(
  source: Store,
  extents: readonly (ChunkExtent | undefined)[],
  { task }: ArrayRewrite,
  work: ChunkWorkers,
  options?: ReadOptions,
): AsyncGenerator<Uint8Array> {
  const slots: ShardSlot[] = [];
  let offset = 0;
  const make = async (extent: ChunkExtent | undefined): Promise<Uint8Array | undefined> =>
    extent && makeChunk(source, extent, task, work, options);
  for await (const bytes of readAhead(extents, work.atOnce, make)) {
    slots.push(bytes && { offset, length: bytes.length });
    if (bytes === undefined) continue;
    offset += bytes.length;
    yield bytes;
  }
  yield encodeShardIndex(slots);
}

async function makeChunk(
  source: Store,
  extent: ChunkExtent,
  task: ArrayRewrite["task"],
  work: ChunkWorkers,
  options?: ReadOptions,
): Promise<Uint8Array> {
  const bytes = await readExtent(source, extent, options);
  return runTask(source, extent.entry, bytes, task, work, options);
}

async function runTask(
  source: Store,
  { key: path }: EntryInput,
  bytes: Uint8Array,
  task: ArrayRewrite["task"],
  work: ChunkWorkers,
  options?: ReadOptions,
): Promise<Uint8Array> {
  if (task === undefined) return bytes;
  const made = await work.run(task, bytes, options);
  if (typeof made !== "string") return made;
  throw new CorruptDataError(
    `a chunk in ${path.slice(1)} of ${source.name} cannot be read: it ${made}; ozx validate --deep says which chunks are damaged`,
    { location: source.name, path },
  );
}
