import type { AbsolutePath, ArrayDescription, JsonObject, ReadOptions } from "@ozx/core";
import { type EntryInput, forEachInSlices, sortInSlices } from "@ozx/core/container";
import {
  type Codec,
  type CodingTask,
  countElements,
  gridShape,
  numberInShard,
  positionsIn,
  type ShardLayout,
  shardIndexSize,
} from "@ozx/core/internal";
import { type PlacedChunk, positionInGrid } from "./assemble-shards.js";
import { withoutChecksum } from "./codec-request.js";

/** Shards in shards, or shards with codecs around them: they are read as a whole. */
export interface NestedShards {
  /** Of a stored object. */
  readonly codecs: readonly JsonObject[];
  /** The shape of a stored object. */
  readonly shape: readonly number[];
  /** How many innermost chunks a stored object has along each axis. */
  readonly grid: readonly number[];
}

/** How an array is written whose chunks are made when they are read, and are not compressed in the source. */
export interface GeneratedArray {
  /** The compression that it has unless another one is requested. */
  readonly codecs: readonly Codec[];
  /** The shards that it has unless others are requested; undefined if each chunk is an entry. */
  readonly shardShape: readonly number[] | undefined;
  /** Identifies what its chunks are made of. */
  readonly recipe: string;
  /** The block of elements whose chunks are made one after the other, since they are made of the same ones. */
  readonly near: readonly number[];
  /** An estimate, known once the source was listed: bytes of an encoded chunk for each byte of pixels. */
  ratio(): number;
  /**
   * Makes a chunk by its key in the source, and encodes it.
   *
   * @returns undefined where all of it would have the fill value
   */
  encode(key: AbsolutePath, codecs: readonly Codec[], options?: ReadOptions): Promise<Uint8Array | undefined>;
}

/** An array whose stored objects (chunks, or shards) are generated again, and how. */
export interface ArrayRewrite {
  readonly path: AbsolutePath;
  /** The array as it is stored now. */
  readonly array: ArrayDescription;
  /** The present shards; undefined if there are none. */
  readonly shards: ShardLayout | NestedShards | undefined;
  /** The stored objects, in C order of their positions. */
  readonly stored: readonly PlacedChunk<EntryInput>[];
  /** How each chunk is converted; undefined if chunks keep their bytes. */
  readonly task: CodingTask | undefined;
  /** Whether the Zarr format that is written requires it; false if an option asked for it. */
  readonly isRequired: boolean;
  /** The shape of the new shards; undefined if each chunk becomes an entry. */
  readonly shardShape: readonly number[] | undefined;
  /** Present where the chunks are made when they are read: one that the source then lacks is not written. */
  readonly generated?: GeneratedArray | undefined;
}

/** Whether shards are read as a whole. */
export function isNested(shards: ShardLayout | NestedShards): shards is NestedShards {
  return "codecs" in shards;
}

/** The largest possible number of chunks that are stored for an array. */
export function countChunks({ array, shards, stored }: ArrayRewrite): number {
  if (shards === undefined) return stored.length;
  const chunkGrid = gridShape(array.shape, array.chunkShape);
  return stored.reduce((sum, { position }) => {
    const inArray = position.map((at, axis) => {
      const perShard = shards.grid[axis] as number;
      return Math.max(0, Math.min(perShard, (chunkGrid[axis] as number) - at * perShard));
    });
    return sum + countElements(inArray);
  }, 0);
}

/** Bytes of a CRC-32C. */
const CHECKSUM_SIZE = 4;

/** The sizes of generated entries, as far as they are known before. */
interface RewriteSizes {
  /** An estimate of all bytes: recompressed chunks are assumed to keep their size. */
  readonly bytes: number;
  /** A lower bound of all bytes. */
  readonly leastBytes: number;
  /** An estimate of the largest entry's bytes. */
  readonly largest: number;
}

/** @param shards the number of generated shards; undefined if each chunk becomes an entry */
export function rewriteSizes(rewrite: ArrayRewrite, shards: number | undefined): RewriteSizes {
  const { array, stored, task, shardShape, generated } = rewrite;
  const before = (generated?.ratio() ?? 1) * stored.reduce((sum, { size }) => sum + size, 0);
  const chunks = countChunks(rewrite);
  // Without compression a chunk has the size of its pixels, and of its checksum.
  const isPlain = task?.kind === "recode" && withoutChecksum(task.to).length === 0;
  const plain = isPlain ? task.size + task.to.length * CHECKSUM_SIZE : undefined;
  const ofChunks = plain === undefined ? before : chunks * plain;
  const mean = ofChunks / Math.max(1, chunks);
  // Which chunks a shard holds is only known once its index is read.
  const isKnown =
    generated === undefined &&
    rewrite.shards === undefined &&
    (plain !== undefined || task?.kind === "rewrap");
  if (shardShape === undefined || shards === undefined) {
    return { bytes: ofChunks, leastBytes: isKnown ? ofChunks : 0, largest: mean };
  }
  const slots = countElements(gridShape(shardShape, array.chunkShape));
  const index = shardIndexSize(slots);
  return {
    bytes: ofChunks + shards * index,
    leastBytes: isKnown ? ofChunks + shards * index : 0,
    largest: Math.min(slots, chunks) * mean + index,
  };
}

/** A shard that will be generated. */
export interface PlannedShard {
  readonly position: readonly number[];
  /** The number of chunks that it can hold. */
  readonly slots: number;
  /** The chunks that it may get, as far as the stored objects tell. */
  members(): Iterable<ShardMember>;
}

/** A chunk that goes into a new shard. */
interface ShardMember {
  /** The number of the chunk in the new shard, in C order. */
  readonly slot: number;
  /** The entry of the chunk, or of the present shard that it is in. */
  readonly stored: EntryInput;
  /** The number of the chunk in the present shard, in C order. */
  readonly chunk: number;
}

/** Plans the new shards, in the order in which they are generated; undefined if each chunk becomes an entry. */
export async function gatherShards(
  { array, stored, shardShape, generated }: ArrayRewrite,
  options?: ReadOptions,
): Promise<PlannedShard[] | undefined> {
  if (shardShape === undefined) return undefined;
  const { shape, chunkShape } = array;
  const before = gridShape(array.shardShape ?? chunkShape, chunkShape);
  const after = gridShape(shardShape, chunkShape);
  const chunkGrid = gridShape(shape, chunkShape);
  const byPosition = new Map<string, PlacedChunk<EntryInput>>();
  const shards = new Map<string, number[]>();
  const gather = (object: PlacedChunk<EntryInput>): void => {
    byPosition.set(object.position.join(), object);
    // The new shards that this object overlaps, from the first and the last of its chunks that lie in the array.
    const first = object.position.map((at, axis) => at * (before[axis] as number));
    const last = first.map(
      (at, axis) => Math.min(at + (before[axis] as number), chunkGrid[axis] as number) - 1,
    );
    if (last.some((at, axis) => at < (first[axis] as number))) return;
    const from = positionInGrid(first, after);
    const stop = positionInGrid(last, after).map((at) => at + 1);
    for (const position of positionsIn(from, stop)) shards.set(position.join(), position);
  };
  await forEachInSlices(stored, gather, options);
  const compare = generated ? compareNear(generated, shardShape) : comparePositions;
  const ordered = await sortInSlices([...shards.values()], compare, options);
  return ordered.map((position) => ({
    position,
    slots: countElements(after),
    *members() {
      const first = position.map((at, axis) => at * (after[axis] as number));
      const stop = first.map((at, axis) => Math.min(at + (after[axis] as number), chunkGrid[axis] as number));
      for (const chunk of positionsIn(first, stop)) {
        const object = byPosition.get(positionInGrid(chunk, before).join());
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

/** Compares two positions by their C order, for sorting. */
export function comparePositions(a: readonly number[], b: readonly number[]): number {
  for (let axis = 0; axis < a.length; axis++) {
    const difference = (a[axis] as number) - (b[axis] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The chunks of an array in the order in which they are made. */
export function nearFirst(
  generated: GeneratedArray,
  stored: readonly PlacedChunk<EntryInput>[],
  chunkShape: readonly number[],
  options?: ReadOptions,
): Promise<readonly PlacedChunk<EntryInput>[]> {
  const compare = compareNear(generated, chunkShape);
  return sortInSlices(stored, (a, b) => compare(a.position, b.position), options);
}

/**
 * Compares positions for an order in which all chunks of a block follow each other, the blocks in C order, and in each the
 * chunks.
 *
 * @param extent of a chunk (or shard)
 */
function compareNear(
  { near }: GeneratedArray,
  extent: readonly number[],
): (a: readonly number[], b: readonly number[]) => number {
  const perBlock = extent.map((pixels, axis) => Math.max(1, Math.ceil((near[axis] ?? 1) / pixels)));
  return (a, b) =>
    comparePositions(positionInGrid(a, perBlock), positionInGrid(b, perBlock)) || comparePositions(a, b);
}
