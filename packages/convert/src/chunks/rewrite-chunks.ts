import {
  type AbsolutePath,
  type ChunkWorkers,
  CorruptDataError,
  type ReadOptions,
  type Store,
} from "@ozx/core";
import {
  type EntryInput,
  type EntryProducer,
  type GeneratedEntry,
  isBelow,
  readAhead,
} from "@ozx/core/container";
import {
  encodeShardIndex,
  formatChunkKey,
  joinKey,
  numberInShard,
  type ProduceOptions,
  type ProducerOrigin,
  positionsIn,
  remainingParts,
  type ShardSlot,
} from "@ozx/core/internal";
import type { PlacedChunk } from "./assemble-shards.js";
import {
  type ArrayRewrite,
  type ChunkExtent,
  chunksInShards,
  contentKey,
  readExtent,
  rewriteSizes,
  shardReader,
  type UnshardedChunk,
  unshardChunks,
} from "./encoded-chunks.js";

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
      for (const [{ rewrite, shards }, after] of remainingParts(parts, options?.after)) {
        const making = { ...options, after };
        if (shards !== undefined) yield* assembleRecodedShards(source, rewrite, shards, work, making);
        else if (rewrite.shards !== undefined) yield* recodeUnsharded(source, rewrite, work, making);
        else yield* recodeChunks(source, rewrite, work, making);
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

async function* recodeChunks(
  source: Store,
  { stored, task }: ArrayRewrite,
  work: ChunkWorkers,
  options: ProduceOptions,
): AsyncGenerator<GeneratedEntry> {
  const { after } = options;
  const done = after === undefined ? 0 : stored.findIndex(({ key }) => key.key === after) + 1;
  const make = async ({ key: entry }: PlacedChunk<EntryInput>): Promise<GeneratedEntry> => {
    const bytes = await recodeChunk(source, { entry, key: contentKey(entry) }, task, work, options);
    return { key: entry.key, bytes };
  };
  yield* readAhead(stored.slice(done), work.atOnce, make);
}

async function* recodeUnsharded(
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

async function* assembleRecodedShards(
  source: Store,
  rewrite: ArrayRewrite,
  shards: readonly PlannedShard[],
  work: ChunkWorkers,
  options: ProduceOptions,
): AsyncGenerator<GeneratedEntry> {
  const reader = rewrite.shards && shardReader(source, rewrite.shards, options);
  const keyOf = ({ position }: PlannedShard): AbsolutePath =>
    joinKey(rewrite.path, formatChunkKey(position, { prefix: "c", separator: "/" }));
  const { after } = options;
  const done = after === undefined ? 0 : shards.findIndex((shard) => keyOf(shard) === after) + 1;
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
    extent && recodeChunk(source, extent, task, work, options);
  for await (const bytes of readAhead(extents, work.atOnce, make)) {
    slots.push(bytes && { offset, length: bytes.length });
    if (bytes === undefined) continue;
    offset += bytes.length;
    yield bytes;
  }
  yield encodeShardIndex(slots);
}

async function recodeChunk(
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

/** A shard that will be made. */
export interface PlannedShard {
  readonly position: readonly number[];
  /** How many chunks there is room for. */
  readonly slots: number;
  /** The chunks that may be in it, by what is stored now. */
  members(): Iterable<ShardMember>;
}

export interface ShardMember {
  /** The number of the chunk in the new shard, in C order. */
  readonly slot: number;
  /** The chunk's own entry, or that of the shard it is in, and its number there. */
  readonly stored: EntryInput;
  readonly chunk: number;
}

/** Which stored chunks go into which new shard, in C order of the shards; undefined where none are made. */
export function gatherShards({ array, stored, shardShape }: ArrayRewrite): PlannedShard[] | undefined {
  if (shardShape === undefined) return undefined;
  const inner = array.chunkShape;
  const before = gridWithin(array.shardShape ?? inner, inner);
  const after = gridWithin(shardShape, inner);
  const slots = after.reduce((product, extent) => product * extent, 1);
  const byPosition = new Map<string, PlacedChunk<EntryInput>>();
  const shards = new Map<string, number[]>();
  const chunksOf = array.shape.map((extent, axis) => Math.ceil(extent / (inner[axis] as number)));
  for (const object of stored) {
    byPosition.set(object.position.join(), object);
    // The new shards that this object reaches into, by the first and the last chunk of it that there is.
    const first = object.position.map((at, axis) => at * (before[axis] as number));
    const last = first.map(
      (at, axis) => Math.min(at + (before[axis] as number), chunksOf[axis] as number) - 1,
    );
    if (last.some((at, axis) => at < (first[axis] as number))) continue;
    const from = first.map((at, axis) => Math.floor(at / (after[axis] as number)));
    const stop = last.map((at, axis) => Math.floor(at / (after[axis] as number)) + 1);
    for (const position of positionsIn(from, stop)) shards.set(position.join(), position);
  }
  const ordered = [...shards.values()].sort(
    (a, b) => a.map((at, axis) => at - (b[axis] as number)).find((difference) => difference !== 0) ?? 0,
  );
  return ordered.map((position) => ({
    position,
    slots,
    *members() {
      const origin = position.map((at, axis) => at * (after[axis] as number));
      const stop = origin.map((at, axis) => Math.min(at + (after[axis] as number), chunksOf[axis] as number));
      for (const chunk of positionsIn(origin, stop)) {
        const object = byPosition.get(
          chunk.map((at, axis) => Math.floor(at / (before[axis] as number))).join(),
        );
        if (object === undefined) continue;
        yield {
          slot: numberInShard(chunk, { grid: after }),
          stored: object.key,
          chunk: numberInShard(chunk, { grid: before }),
        };
      }
    },
  }));
}

function gridWithin(outer: readonly number[], inner: readonly number[]): number[] {
  return outer.map((extent, axis) => extent / (inner[axis] as number));
}

/** One maker of what several make, one after the other; undefined where there is none. */
export function joinProducers(makers: readonly (EntryProducer | undefined)[]): EntryProducer | undefined {
  const all = makers.filter((maker) => maker !== undefined);
  if (all.length < 2) return all[0];
  return {
    entries: all.reduce((sum, { entries }) => sum + entries, 0),
    bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
    leastBytes: all.reduce((sum, { leastBytes = 0 }) => sum + leastBytes, 0),
    largest: Math.max(...all.map(({ largest = 0 }) => largest)),
    origin: joinOrigins(all.map(({ origin }) => origin)),
    async *produce(options) {
      const parts = all.map((maker) => ({ maker, owns: maker.origin?.owns ?? (() => false) }));
      for (const [{ maker }, after] of remainingParts(parts, options?.after)) {
        yield* maker.produce({ ...options, after });
      }
    },
  };
}

/** Undefined where one of them cannot be gone on with. */
export function joinOrigins(origins: readonly (ProducerOrigin | undefined)[]): ProducerOrigin | undefined {
  const known = origins.filter((origin) => origin !== undefined);
  if (known.length < origins.length) return undefined;
  return {
    recipe: JSON.stringify(known.map(({ recipe }) => recipe)),
    *reads() {
      for (const origin of known) yield* origin.reads();
    },
    owns: (key) => known.some((origin) => origin.owns(key)),
  };
}
