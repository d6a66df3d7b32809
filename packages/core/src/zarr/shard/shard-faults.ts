import type { ShardExtent } from "./shard-index.js";

/** What is wrong with where a chunk lies. */
export type ShardFault =
  | { readonly kind: "beyond"; readonly extent: ShardExtent }
  | { readonly kind: "on-index"; readonly extent: ShardExtent }
  | { readonly kind: "overlap"; readonly extent: ShardExtent; readonly other: ShardExtent };

/** A shard whose index was read: where that lies, and where the shard ends, as far as it is known. */
export interface ShardBounds {
  readonly indexStart: number;
  readonly indexEnd: number;
  readonly size: number;
}

/**
 * Chunks that end beyond the shard, lie on its index, or share bytes. Two at the very same place may be equal
 * chunks that are stored once.
 *
 * @param sorted by where they start
 */
export function* shardFaults(
  sorted: readonly ShardExtent[],
  { indexStart, indexEnd, size }: ShardBounds,
): Generator<ShardFault> {
  let reached: ShardExtent | undefined;
  for (const extent of sorted) {
    const { offset, length } = extent;
    if (offset + length > size) {
      yield { kind: "beyond", extent };
      continue;
    }
    if (length > 0 && offset < indexEnd && offset + length > indexStart) {
      yield { kind: "on-index", extent };
    } else if (reached !== undefined && offset < reached.offset + reached.length) {
      if (offset === reached.offset && length === reached.length) continue;
      yield { kind: "overlap", extent, other: reached };
    }
    if (reached === undefined || offset + length > reached.offset + reached.length) reached = extent;
  }
}
