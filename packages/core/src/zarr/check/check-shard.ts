import { readAhead } from "../../bytes/concurrency.js";
import type { ReadOptions } from "../../bytes/source-and-sink.js";
import { type Finding, violation } from "../../findings.js";
import type { RangeQuery, Store, StoreEntry } from "../../store/store.js";
import {
  extentBlocks,
  parseShardIndex,
  type ShardExtent,
  type ShardFault,
  shardFaults,
  sortedExtents,
} from "../shard/shard-index.js";
import { describeChunk, type ShardLayout } from "../shard/shard-layout.js";
import { type ChunkDecoder, LARGEST_CHUNK } from "./chunk-decoder.js";
import { CHUNK_DECODES, CHUNK_UNCHECKED, SHARD_EXTENTS, SHARD_INDEX, SHARD_OVERLAPS } from "./zarr-rules.js";

/**
 * Checks the index of one shard and decodes every chunk in it.
 *
 * @param array.decoder undefined where chunks cannot be decoded: then only the index is checked
 */
export async function checkShard(
  store: Store,
  { key, size }: StoreEntry,
  { layout, decoder }: { readonly layout: ShardLayout; readonly decoder: ChunkDecoder | undefined },
  options: ReadOptions,
): Promise<Finding[]> {
  const { indexSize, location } = layout;
  if (size < indexSize) {
    return [
      violation(
        SHARD_INDEX,
        key,
        `The shard ${key} has ${size} bytes, fewer than the ${indexSize} of its index.`,
      ),
    ];
  }
  const indexStart = location === "start" ? 0 : size - indexSize;
  const bytes = await readRange(store, key, { offset: indexStart, length: indexSize }, options);
  const index = parseShardIndex(bytes, layout);
  if (typeof index === "string")
    return [violation(SHARD_INDEX, key, `The index of the shard ${key} ${index}.`)];
  const extents = sortedExtents(index);
  const bounds = { indexStart, indexEnd: indexStart + indexSize, size };
  const faults = [...shardFaults(extents, bounds)];
  const findings = faults.map((fault) => findingOf(fault, key, layout, size));
  if (decoder === undefined) return findings;
  const valid = validExtents(extents, new Set(faults.map(({ extent }) => extent)));
  for (const { chunk, length } of [...valid].flatMap(([at, chunks]) => (isTooLarge(at) ? chunks : []))) {
    const where = `${key} at ${describeChunk(chunk, layout)}`;
    findings.push(
      violation(CHUNK_UNCHECKED, where, `The chunk ${where} is stored in ${length} bytes, more than 1 GiB.`),
    );
  }
  for (const block of extentBlocks([...valid.keys()].filter((at) => !isTooLarge(at)))) {
    options.signal?.throwIfAborted();
    const bytes = await readRange(store, key, block, options);
    const decode = async (extent: ShardExtent) => {
      const at = extent.offset - block.offset;
      return { extent, reason: await decoder.decode(bytes.subarray(at, at + extent.length), options) };
    };
    for await (const { extent, reason } of readAhead(block.extents, decoder.atOnce, decode)) {
      if (reason === undefined) continue;
      for (const { chunk } of valid.get(extent) ?? []) {
        const where = `${key} at ${describeChunk(chunk, layout)}`;
        findings.push(violation(CHUNK_DECODES, where, `The chunk ${where} ${reason}.`));
      }
    }
  }
  return findings;
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

function findingOf(fault: ShardFault, key: string, layout: ShardLayout, size: number): Finding {
  const where = `${key} at ${describeChunk(fault.extent.chunk, layout)}`;
  switch (fault.kind) {
    case "beyond": {
      const message = `The chunk ${where} ends at byte ${endOf(fault.extent)} of a shard of ${size} bytes.`;
      return violation(SHARD_EXTENTS, where, message);
    }
    case "on-index":
      return violation(SHARD_OVERLAPS, where, `The chunk ${where} lies on top of the shard's index.`);
    case "overlap": {
      const other = describeChunk(fault.other.chunk, layout);
      return violation(SHARD_OVERLAPS, where, `The chunk ${where} shares bytes with the one at ${other}.`);
    }
  }
}

function endOf({ offset, length }: ShardExtent): number {
  return offset + length;
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
