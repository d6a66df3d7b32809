import type { ReadOptions } from "../../bytes/source-and-sink.js";
import { type Finding, violation } from "../../findings.js";
import type { Store, StoreEntry } from "../../store/store.js";
import { parseShardIndex, type ShardExtent } from "../shard/shard-index.js";
import { describeChunk, type ShardLayout } from "../shard/shard-layout.js";
import type { ChunkDecoder } from "./chunk-decoder.js";
import { checkShardChunks, type ShardChunkFault } from "./shard-chunks.js";
import { CHUNK_DECODES, CHUNK_UNCHECKED, SHARD_EXTENTS, SHARD_INDEX, SHARD_OVERLAPS } from "./zarr-rules.js";

/**
 * Checks the index of one shard and decodes every chunk in it.
 *
 * @param array.decoder undefined where chunks cannot be decoded: then only the index is checked
 */
export async function checkShard(
  store: Store,
  entry: StoreEntry,
  array: { readonly layout: ShardLayout; readonly decoder: ChunkDecoder | undefined },
  options: ReadOptions,
): Promise<Finding[]> {
  const { key, size } = entry;
  const { layout } = array;
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
  const range = { offset: location === "start" ? 0 : size - indexSize, length: indexSize };
  const bytes = (await store.getRange(key, range, options)) ?? new Uint8Array(0);
  const index = parseShardIndex(bytes, layout);
  if (typeof index === "string")
    return [violation(SHARD_INDEX, key, `The index of the shard ${key} ${index}.`)];
  const findings: Finding[] = [];
  for await (const fault of checkShardChunks(store, entry, index, array, options)) {
    findings.push(findingOf(fault, key, layout, size));
  }
  return findings;
}

function findingOf(fault: ShardChunkFault, key: string, layout: ShardLayout, size: number): Finding {
  const { extent } = fault;
  const where = `${key} at ${describeChunk(extent.chunk, layout)}`;
  switch (fault.kind) {
    case "beyond": {
      const message = `The chunk ${where} ends at byte ${endOf(extent)} of a shard of ${size} bytes.`;
      return violation(SHARD_EXTENTS, where, message);
    }
    case "on-index":
      return violation(SHARD_OVERLAPS, where, `The chunk ${where} lies on top of the shard's index.`);
    case "overlap": {
      const other = describeChunk(fault.other.chunk, layout);
      return violation(SHARD_OVERLAPS, where, `The chunk ${where} shares bytes with the one at ${other}.`);
    }
    case "too-large": {
      const message = `The chunk ${where} is stored in ${extent.length} bytes, more than 1 GiB.`;
      return violation(CHUNK_UNCHECKED, where, message);
    }
    case "undecodable":
      return violation(CHUNK_DECODES, where, `The chunk ${where} ${fault.reason}.`);
  }
}

function endOf({ offset, length }: ShardExtent): number {
  return offset + length;
}
