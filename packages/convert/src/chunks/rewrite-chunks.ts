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
  type CodingTask,
  encodeShardIndex,
  formatChunkKey,
  joinKey,
  type ProduceOptions,
  type ProducerOrigin,
  remainingParts,
  type ShardLayout,
  type ShardSlot,
} from "@ozx/core/internal";
import {
  type ArrayRewrite,
  countChunks,
  type GeneratedArray,
  gatherShards,
  isNested,
  type NestedShards,
  type PlannedShard,
  rewriteSizes,
} from "./array-rewrite.js";
import type { PlacedChunk } from "./assemble-shards.js";
import {
  type ChunkExtent,
  contentKey,
  readExtent,
  shardReader,
  type UnshardedChunk,
  unshardChunks,
} from "./encoded-chunks.js";
import { unnestChunks } from "./nested-shards.js";

/**
 * Produces the new chunks and shards of arrays; undefined if there are none to rewrite. Several chunks are in memory at
 * once, but no whole shard.
 *
 * @throws NotFoundError, SourceChangedError if the source changed after planning
 * @throws CorruptDataError naming a chunk that cannot be decoded, or a shard whose index is invalid
 */
export async function rewriteChunks(
  source: Store,
  rewrites: readonly ArrayRewrite[],
  workers: ChunkWorkers,
  options?: ReadOptions,
): Promise<EntryProducer | undefined> {
  if (rewrites.length === 0) return undefined;
  const planned: PlannedRewrite[] = [];
  for (const rewrite of rewrites) planned.push({ rewrite, shards: await gatherShards(rewrite, options) });
  return producerOf(source, planned, workers);
}

/** A rewrite, and the new shards that are generated; undefined where each chunk becomes an entry. */
interface PlannedRewrite {
  readonly rewrite: ArrayRewrite;
  readonly shards: readonly PlannedShard[] | undefined;
}

function producerOf(source: Store, planned: readonly PlannedRewrite[], workers: ChunkWorkers): EntryProducer {
  const sizes = planned.map(({ rewrite, shards }) => rewriteSizes(rewrite, shards?.length));
  return {
    entries: planned.reduce((sum, { rewrite, shards }) => sum + (shards?.length ?? countChunks(rewrite)), 0),
    bytes: sizes.reduce((sum, { bytes }) => sum + bytes, 0),
    leastBytes: sizes.reduce((sum, { leastBytes }) => sum + leastBytes, 0),
    largest: Math.max(...sizes.map(({ largest }) => largest)),
    origin: joinOrigins(planned.map(({ rewrite }) => originOf(rewrite))),
    parts: () => planned.flatMap(splitRewrite).map((part) => producerOf(source, [part], workers)),
    async *produce(options) {
      const parts = planned.map((part) => ({ ...part, owns: originOf(part.rewrite).owns }));
      for (const [{ rewrite, shards }, after] of remainingParts(parts, options?.after)) {
        const { task, generated } = rewrite;
        const recoding = { source, task, generated, workers, options: { ...options, after } };
        if (shards !== undefined) yield* recodeIntoShards(rewrite, shards, recoding);
        else if (rewrite.shards !== undefined) yield* recodeUnsharded(rewrite, rewrite.shards, recoding);
        else yield* recodeChunks(rewrite, recoding);
      }
    },
  };
}

/** About how many stored bytes a part of an array has, so that parts can be distributed evenly. */
const PART_BYTES = 32 * 1024 * 1024;

/** Parts of an array that are generated independently of each other: some of its chunks, or of its new shards. */
function splitRewrite({ rewrite, shards }: PlannedRewrite): PlannedRewrite[] {
  const bytes = rewrite.stored.reduce((sum, { size }) => sum + size, 0);
  const count = shards?.length ?? rewrite.stored.length;
  const parts = Math.max(1, Math.min(count, Math.ceil(bytes / PART_BYTES)));
  return Array.from({ length: parts }, (_, part) => {
    const [from, to] = [Math.floor((part * count) / parts), Math.floor(((part + 1) * count) / parts)];
    if (shards === undefined)
      return { rewrite: { ...rewrite, stored: rewrite.stored.slice(from, to) }, shards };
    const own = shards.slice(from, to);
    const read = new Set(own.flatMap((shard) => [...shard.members()].map(({ stored }) => stored.key)));
    const stored = parts === 1 ? rewrite.stored : rewrite.stored.filter(({ key }) => read.has(key.key));
    return { rewrite: { ...rewrite, stored }, shards: own };
  });
}

function originOf({
  path,
  array,
  shards,
  stored,
  task,
  shardShape,
  generated,
}: ArrayRewrite): ProducerOrigin {
  const { shape, chunkShape } = array;
  return {
    recipe: JSON.stringify({ path, shape, chunkShape, shards, task, shardShape, made: generated?.recipe }),
    *reads() {
      for (const { key } of stored) yield contentKey(key);
    },
    owns: (key) => isBelow(key, path),
  };
}

/** How the chunks of one array are read and converted. */
interface Recoding {
  readonly source: Store;
  /** Undefined if chunks keep their bytes. */
  readonly task: CodingTask | undefined;
  /** Present where chunks are made when they are read. */
  readonly generated: GeneratedArray | undefined;
  readonly workers: ChunkWorkers;
  readonly options: ProduceOptions;
}

/** Chunks that are entries, and stay so. */
async function* recodeChunks({ stored }: ArrayRewrite, recoding: Recoding): AsyncGenerator<GeneratedEntry> {
  const { after } = recoding.options;
  const done = after === undefined ? 0 : stored.findIndex(({ key }) => key.key === after) + 1;
  const recode = async ({ key: entry }: PlacedChunk<EntryInput>): Promise<GeneratedEntry | undefined> => {
    const bytes = await recodeExtent({ entry, key: contentKey(entry) }, recoding);
    return bytes && { key: entry.key, bytes };
  };
  for await (const entry of readAhead(stored.slice(done), recoding.workers.atOnce, recode)) {
    if (entry !== undefined) yield entry;
  }
}

/** Chunks that leave their shards. */
async function* recodeUnsharded(
  rewrite: ArrayRewrite,
  present: ShardLayout | NestedShards,
  recoding: Recoding,
): AsyncGenerator<GeneratedEntry> {
  const { source, workers, options } = recoding;
  const recode = async ({ key, bytes, shard }: UnshardedChunk): Promise<GeneratedEntry> => {
    return { key, bytes: await runTask(shard, bytes, recoding) };
  };
  const chunks = isNested(present)
    ? unnestChunks(source, rewrite, present, options)
    : unshardChunks(source, rewrite, present, options);
  yield* readAhead(chunks, workers.atOnce, recode);
}

/** Chunks, in shards or not, that are put into new shards. */
async function* recodeIntoShards(
  rewrite: ArrayRewrite,
  shards: readonly PlannedShard[],
  recoding: Recoding,
): AsyncGenerator<GeneratedEntry> {
  const { source, options } = recoding;
  const { shards: present } = rewrite;
  if (present && isNested(present)) throw new TypeError("nested shards are not put into other ones");
  const reader = present && shardReader(source, present, options);
  const keyOf = ({ position }: PlannedShard): AbsolutePath =>
    joinKey(rewrite.path, formatChunkKey(position, { prefix: "c", separator: "/" }));
  const { after } = options;
  const done = after === undefined ? 0 : shards.findIndex((shard) => keyOf(shard) === after) + 1;
  for (const shard of shards.slice(done)) {
    const extents: (ChunkExtent | undefined)[] = new Array(shard.slots).fill(undefined);
    for (const { slot, stored, chunk } of shard.members()) {
      extents[slot] = reader ? await reader(stored, chunk) : { entry: stored, key: contentKey(stored) };
    }
    // A shard without chunks consists of fill values, and is not stored.
    if (extents.every((extent) => extent === undefined)) continue;
    const blocks = shardBlocks(extents, recoding);
    const first = await blocks.next();
    if (!first.done) yield { key: keyOf(shard), bytes: withFirst(first.value, blocks) };
  }
}

/** The chunks of a shard one after the other, then its index; nothing where chunks are made and there is none. */
async function* shardBlocks(
  extents: readonly (ChunkExtent | undefined)[],
  recoding: Recoding,
): AsyncGenerator<Uint8Array> {
  const slots: ShardSlot[] = [];
  let offset = 0;
  const recode = async (extent: ChunkExtent | undefined): Promise<Uint8Array | undefined> =>
    extent && recodeExtent(extent, recoding);
  for await (const bytes of readAhead(extents, recoding.workers.atOnce, recode)) {
    slots.push(bytes && { offset, length: bytes.length });
    if (bytes === undefined) continue;
    offset += bytes.length;
    yield bytes;
  }
  if (offset > 0 || recoding.generated === undefined) yield encodeShardIndex(slots);
}

async function* withFirst<T>(first: T, others: AsyncIterable<T>): AsyncGenerator<T> {
  yield first;
  yield* others;
}

/** Undefined for a chunk that is made and has nothing but the fill value. */
async function recodeExtent(extent: ChunkExtent, recoding: Recoding): Promise<Uint8Array | undefined> {
  const { source, options, generated, task } = recoding;
  if (generated === undefined)
    return runTask(extent.entry, await readExtent(source, extent, options), recoding);
  // What is generated has no codecs yet.
  const codecs = task?.kind === "recode" ? task.to : [];
  return codecs.length === 0
    ? source.get(extent.key, options)
    : generated.encode(extent.key, codecs, options);
}

/**
 * @param entry what the chunk is read from, for messages
 * @param bytes are not needed by the caller any more
 */
async function runTask(
  { key: path }: EntryInput,
  bytes: Uint8Array,
  { source, task, workers, options }: Recoding,
): Promise<Uint8Array> {
  if (task === undefined) return bytes;
  const recoded = await workers.run(task, bytes, { ...options, isSpare: true });
  if (typeof recoded !== "string") return recoded;
  throw new CorruptDataError(
    `a chunk in ${path.slice(1)} of ${source.name} cannot be read: it ${recoded}; ozx validate --deep says which chunks are damaged`,
    { location: source.name, path },
  );
}

/** One producer that runs several one after the other; undefined if there are none. */
export function joinProducers(producers: readonly (EntryProducer | undefined)[]): EntryProducer | undefined {
  const all = producers.filter((producer) => producer !== undefined);
  if (all.length < 2) return all[0];
  return {
    entries: all.reduce((sum, { entries }) => sum + entries, 0),
    bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
    leastBytes: all.reduce((sum, { leastBytes = 0 }) => sum + leastBytes, 0),
    largest: Math.max(...all.map(({ largest = 0 }) => largest)),
    origin: joinOrigins(all.map(({ origin }) => origin)),
    parts: () => all.flatMap((producer) => producer.parts?.() ?? [producer]),
    async *produce(options) {
      const parts = all.map((producer) => ({ producer, owns: producer.origin?.owns ?? (() => false) }));
      for (const [{ producer }, after] of remainingParts(parts, options?.after)) {
        yield* producer.produce({ ...options, after });
      }
    },
  };
}

/** Undefined if one of the producers cannot be resumed. */
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
