import type { ChunkWorkers, ReadOptions, Store } from "@ozx/core";
import {
  type BlockOptions,
  countElements,
  createBlockReader,
  decodedView,
  itemSizeOf,
  memoize,
  openLevel,
  type PixelBlock,
  toPixelBlock,
} from "@ozx/core/internal";
import { type Box, boxOf, type PlacedBlock } from "../chunks/cells.js";
import type { Recut } from "./recut-array.js";
import { createSpareMemory, type SpareMemory } from "./spare-memory.js";

/** Decoded blocks, of several arrays, up to a number of bytes. */
export interface BlockMemory {
  /** In bytes. */
  readonly most: number;
  /**
   * A block, which is read if it is not in memory.
   *
   * @param uses how often it is going to be asked for: after the last time it is not kept
   */
  get(id: string, wanted: WantedBlock): Promise<TakenBlock>;
}

interface WantedBlock {
  readonly uses: number;
  readonly bytes: number;
  /** @param allocate makes memory for the block, in which there may be anything */
  read(allocate: () => ArrayBufferLike): Promise<PixelBlock>;
}

/** A block that is in use. */
interface TakenBlock {
  readonly block: PixelBlock;
  /** Says that it is not in use any more: others may be put into its memory. */
  release(): void;
}

/** A block that was not asked for during so many requests for each block that is kept is one of the past. */
const STALE = 16;

/**
 * Where there is no room for all blocks that are needed again, those stay that came first: chunks are made of the same
 * blocks in the same order, so the one that was used last is the one that is needed last.
 *
 * @param most in bytes
 */
export function createBlockMemory(
  most: number,
  spare: SpareMemory = createSpareMemory((bytes) => new ArrayBuffer(bytes)),
): BlockMemory {
  const held = new Map<string, HeldBlock>();
  let [kept, count, requests] = [0, 0, 0];
  const forget = (id: string, one: HeldBlock): void => {
    if (one.isKept) [kept, count] = [kept - one.bytes, count - 1];
    one.isKept = false;
    if (one.users > 0) return;
    if (held.get(id) === one) held.delete(id);
    if (one.buffer !== undefined) spare.give(one.buffer);
    one.buffer = undefined;
  };
  const forgetStale = (): void => {
    for (const [id, one] of held) {
      if (requests - one.used <= STALE * count) break;
      if (one.isKept) forget(id, one);
    }
  };
  const hold = ({ uses, bytes, read }: WantedBlock): HeldBlock => {
    if (uses > 1 && kept + bytes > most) forgetStale();
    const isKept = uses > 1 && kept + bytes <= most;
    if (isKept) [kept, count] = [kept + bytes, count + 1];
    let buffer: ArrayBufferLike | undefined;
    const block = read(() => {
      buffer = spare.take(bytes);
      return buffer;
    });
    const one: HeldBlock = { left: uses, users: 0, used: requests, isKept, bytes, buffer: undefined, block };
    // Into the memory of a block that failed, threads may still write.
    block.then(
      () => {
        one.buffer = buffer;
      },
      () => {},
    );
    return one;
  };
  return {
    most,
    async get(id, wanted) {
      requests++;
      const one = held.get(id) ?? hold(wanted);
      // The last used are at the end.
      held.delete(id);
      held.set(id, one);
      one.users++;
      one.left--;
      one.used = requests;
      const release = (): void => {
        one.users--;
        if (one.left <= 0 || !one.isKept) forget(id, one);
      };
      try {
        return { block: await one.block, release };
      } catch (error) {
        one.left = 0;
        release();
        throw error;
      }
    },
  };
}

interface HeldBlock {
  /** How often it is still going to be asked for. */
  left: number;
  /** How many have it now. */
  users: number;
  /** The number of the request that was the last one for it. */
  used: number;
  /** Whether it stays for those who ask later. */
  isKept: boolean;
  readonly bytes: number;
  /** Its memory, if it is to be used again. */
  buffer: ArrayBufferLike | undefined;
  readonly block: Promise<PixelBlock>;
}

/** The decoded blocks of an array: whole chunks, several of them where they are small. */
export interface SourceBlocks {
  /** The shape of a block. */
  readonly shape: readonly number[];
  /** The block at a position of their grid, cut to what lies in the array. */
  get(position: readonly number[], options?: ReadOptions): Promise<PlacedBlock & Pick<TakenBlock, "release">>;
}

/** Blocks of fewer bytes are not worth a task each, unless fewer than so many of them fit into memory. */
const SMALL_BLOCK = 1024 * 1024;
const LEAST_BLOCKS = 64;

export function createSourceBlocks(
  source: Store,
  recut: Recut,
  workers: ChunkWorkers,
  memory: BlockMemory,
): SourceBlocks {
  const { path, array } = recut.node;
  const { shape, dtype } = array;
  const cell = blockShape(recut, Math.min(SMALL_BLOCK, memory.most / LEAST_BLOCKS));
  const read = blockReader(source, recut, workers);
  // float16 is float32 in memory.
  const itemSize = dtype === "float16" ? 4 : (itemSizeOf(dtype) ?? 1);
  return {
    shape: cell,
    async get(position, options) {
      const { start, stop } = boxOf(position, cell, shape);
      const taken = await memory.get(`${path} ${position.join()}`, {
        uses: usesOf(recut, start, stop),
        bytes: countElements(stop.map((end, axis) => end - (start[axis] ?? 0))) * itemSize,
        read: (allocate) => read({ start, stop }, { ...options, allocate }),
      });
      return { origin: start, ...taken };
    },
  };
}

/** Reads blocks: straight into memory where ozx decodes the array by itself, and by way of its level elsewhere. */
function blockReader(
  source: Store,
  { node }: Recut,
  workers: ChunkWorkers,
): (box: Box, options: BlockOptions) => Promise<PixelBlock> {
  const { path, array } = node;
  const axes = array.shape.map((_, axis) => ({ name: String(axis), type: undefined, unit: undefined }));
  const scale = array.shape.map(() => 1);
  const level = { path, scale, translation: scale, array: node, problems: [] };
  const multiscale = { name: "", type: undefined, axes, levels: [level], coordinateSystem: undefined };
  const opened = memoize(() => openLevel(source, level, multiscale, workers));
  const direct = memoize(async () => {
    const view = decodedView({ store: source, node }, workers);
    return createBlockReader(view.store, view.node, workers);
  });
  return async (box, options) => {
    const reader = await direct();
    if (reader !== undefined) return toPixelBlock(await reader(box, options));
    const selection = axes.map(({ name }, axis) => {
      return [name, [box.start[axis] ?? 0, box.stop[axis] ?? 0]] as const;
    });
    return toPixelBlock(await opened().read(Object.fromEntries(selection), options));
  };
}

/** Small chunks are read several at a time, as long as one new chunk needs them all. */
function blockShape({ node, chunkShape, extent, project }: Recut, most: number): readonly number[] {
  const { array } = node;
  const cell = [...array.chunkShape];
  const bytes = (): number => countElements(cell) * (itemSizeOf(array.dtype) ?? 1);
  for (let axis = cell.length - 1; axis >= 0; axis--) {
    const needed = project?.axes.includes(axis) ? (extent[axis] ?? 1) : (chunkShape[axis] ?? 1);
    while (bytes() * 2 <= most && (cell[axis] ?? 1) * 2 <= needed) cell[axis] = (cell[axis] ?? 1) * 2;
  }
  return cell;
}

/** How many new chunks have pixels of a box of the source. */
function usesOf(
  { start, extent, chunkShape, project }: Recut,
  first: readonly number[],
  stop: readonly number[],
): number {
  return first.reduce((product, at, axis) => {
    if (project?.axes.includes(axis)) return product;
    const chunk = chunkShape[axis] ?? 1;
    const from = Math.max(0, at - (start[axis] ?? 0));
    const to = Math.min(extent[axis] ?? 0, (stop[axis] ?? 0) - (start[axis] ?? 0));
    return product * Math.max(1, Math.ceil(to / chunk) - Math.floor(from / chunk));
  }, 1);
}
