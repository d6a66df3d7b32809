import type { ReadOptions, Store, StoreEntry } from "@ozx/core";
import { type ChunkDecoder, checkShardChunks, parseShardIndex, type ShardLayout } from "@ozx/core/internal";
import { type Damage, damageIn, type LostInShard } from "./lost-values.js";

/** What is prepared once for an array. */
export interface ArrayParts {
  /** Undefined where its codecs are not known. */
  readonly decoder: ChunkDecoder | undefined;
  /** Undefined where there are no shards, or their index is not understood. */
  readonly shards: ShardLayout | undefined;
  readonly isSharded: boolean;
  /** Whether each chunk has a checksum of its own. */
  readonly hasChecksum: boolean;
}

/**
 * Finds the chunks of a shard that cannot be decoded. Where the checksum of the whole shard is wrong, only chunks that have
 * one of their own are known to be right.
 *
 * @throws CorruptDataError if it cannot be read at all
 */
export async function damageOfShard(
  store: Store,
  entry: StoreEntry,
  { decoder, shards: layout, hasChecksum }: ArrayParts,
  options: ReadOptions,
): Promise<Damage> {
  const { key, size } = entry;
  const corrupt = await readThrough(store, key, options);
  const lost = (reason: string): Damage => ({ values: [{ key, reason }], inShards: [] });
  if (layout === undefined) return corrupt === undefined ? NONE : lost(corrupt);
  if (corrupt !== undefined && !(hasChecksum && layout.checksum)) return lost(corrupt);
  const { indexSize, location } = layout;
  if (size < indexSize) return lost("it is smaller than its index");
  const indexStart = location === "start" ? 0 : size - indexSize;
  const bytes = await store.getRange(key, { offset: indexStart, length: indexSize }, options);
  const index = bytes && parseShardIndex(bytes, layout);
  if (index === undefined || typeof index === "string") return lost(`its index ${index ?? "is missing"}`);
  const inShards: LostInShard[] = [];
  for await (const fault of checkShardChunks(store, entry, index, { layout, decoder }, options)) {
    const { chunk } = fault.extent;
    const reason = fault.kind === "undecodable" ? `it ${fault.reason}` : FAULTS[fault.kind];
    inShards.push({ key, size, chunk, reason });
  }
  return { values: [], inShards };
}

const NONE: Damage = { values: [], inShards: [] };

const FAULTS = {
  beyond: "it ends beyond its shard",
  "on-index": "it lies on the index of its shard",
  overlap: "it shares bytes with another chunk",
  "too-large": "it is stored in more than 1 GiB",
} as const;

/** Reads a whole value, so that its checksum is checked; returns what is wrong with it. */
async function readThrough(
  store: Store,
  key: StoreEntry["key"],
  options: ReadOptions,
): Promise<string | undefined> {
  try {
    const stream = await store.stream(key, options);
    const reader = stream?.getReader();
    while (reader !== undefined && !(await reader.read()).done) options.signal?.throwIfAborted();
    return undefined;
  } catch (error) {
    const reason = damageIn(error);
    if (reason === undefined) throw error;
    return reason;
  }
}
