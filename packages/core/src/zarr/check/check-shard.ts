import type { ReadOptions } from "../../bytes/byte-source.js";
import type { Finding } from "../../findings/finding.js";
import { breach } from "../../findings/rule.js";
import type { RangeQuery, Store, StoreEntry } from "../../store/store.js";
import type { ChunkDecoder } from "./chunk-decoder.js";
import { CHUNK_DECODES, SHARD_EXTENTS, SHARD_INDEX, SHARD_OVERLAPS } from "./rules.js";
import { describeChunk, parseShardIndex, type ShardExtent, type ShardLayout } from "./shard-index.js";

/** How much of a shard is read at once; shards may be larger than memory, and so is a single chunk at most. */
export const SHARD_BLOCK = 16 * 1024 * 1024;

/** Checks the index of one shard and, chunk by chunk, what it leads to. */
export async function checkShard(
  store: Store,
  { key, size }: StoreEntry,
  layout: ShardLayout,
  decoder: ChunkDecoder | undefined,
  options: ReadOptions,
): Promise<Finding[]> {
  const { indexSize, location } = layout;
  if (size < indexSize) {
    return [
      breach(
        SHARD_INDEX,
        key,
        `The shard ${key} has ${size} bytes, fewer than the ${indexSize} of its index.`,
      ),
    ];
  }
  const indexStart = location === "start" ? 0 : size - indexSize;
  const index = await readRange(store, key, { offset: indexStart, length: indexSize }, options);
  const extents = parseShardIndex(index, layout);
  if (typeof extents === "string")
    return [breach(SHARD_INDEX, key, `The index of the shard ${key} ${extents}.`)];
  const findings: Finding[] = [];
  const inside = extents.filter((extent) => {
    if (extent.offset + extent.length <= size) return true;
    const where = `${key} at ${describeChunk(extent.chunk, layout)}`;
    findings.push(
      breach(
        SHARD_EXTENTS,
        where,
        `The chunk ${where} ends at byte ${extent.offset + extent.length} of a shard of ${size} bytes.`,
      ),
    );
    return false;
  });
  inside.sort((a, b) => a.offset - b.offset || a.length - b.length);
  findings.push(...overlaps(inside, { key, layout, indexStart }));
  if (decoder === undefined) return findings;
  for (const block of blocksOf(inside)) {
    options.signal?.throwIfAborted();
    const bytes = await readRange(store, key, block, options);
    for (const { chunk, offset, length } of block.extents) {
      const at = offset - block.offset;
      const reason = await decoder.decode(bytes.subarray(at, at + length));
      if (reason === undefined) continue;
      const where = `${key} at ${describeChunk(chunk, layout)}`;
      findings.push(breach(CHUNK_DECODES, where, `The chunk ${where} ${reason}.`));
    }
  }
  return findings;
}

/** Chunks that share bytes. Two at the very same place may be equal chunks that are stored once. */
function* overlaps(
  sorted: readonly ShardExtent[],
  { key, layout, indexStart }: { key: string; layout: ShardLayout; indexStart: number },
): Generator<Finding> {
  const indexEnd = indexStart + layout.indexSize;
  let reached: ShardExtent | undefined;
  for (const extent of sorted) {
    const { chunk, offset, length } = extent;
    const where = `${key} at ${describeChunk(chunk, layout)}`;
    if (length > 0 && offset < indexEnd && offset + length > indexStart) {
      yield breach(SHARD_OVERLAPS, where, `The chunk ${where} lies on top of the shard's index.`);
    } else if (reached !== undefined && offset < reached.offset + reached.length) {
      if (offset === reached.offset && length === reached.length) continue;
      const other = describeChunk(reached.chunk, layout);
      yield breach(SHARD_OVERLAPS, where, `The chunk ${where} shares bytes with the one at ${other}.`);
    }
    if (reached === undefined || offset + length > reached.offset + reached.length) reached = extent;
  }
}

interface Block {
  readonly offset: number;
  readonly length: number;
  readonly extents: readonly ShardExtent[];
}

/** Joins chunks that lie near each other into reads of a bounded size, so that small chunks cost no read each. */
function* blocksOf(sorted: readonly ShardExtent[]): Generator<Block> {
  let extents: ShardExtent[] = [];
  let [start, end] = [0, 0];
  for (const extent of sorted) {
    const reach = extent.offset + extent.length;
    if (extents.length > 0 && Math.max(reach, end) - start > SHARD_BLOCK) {
      yield { offset: start, length: end - start, extents };
      extents = [];
    }
    if (extents.length === 0) [start, end] = [extent.offset, extent.offset];
    extents.push(extent);
    end = Math.max(end, reach);
  }
  if (extents.length > 0) yield { offset: start, length: end - start, extents };
}

async function readRange(
  store: Store,
  key: StoreEntry["key"],
  { offset, length }: { offset: number; length: number },
  options: ReadOptions,
): Promise<Uint8Array> {
  const range: RangeQuery = { offset, length };
  return (await store.getRange(key, range, options)) ?? new Uint8Array(0);
}
