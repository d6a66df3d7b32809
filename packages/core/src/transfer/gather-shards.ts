import { positionsIn } from "../image/grid-order.js";
import type { EntryInput } from "../store/target.js";
import type { PlacedChunk } from "../zarr/shard/assemble-shards.js";
import { numberInShard } from "../zarr/shard/shard-layout.js";
import type { ArrayRewrite } from "./array-rewrite.js";

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
