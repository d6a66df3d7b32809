import type { ChunkWorkers, ReadOptions, Store } from "@ozx/core";
import { countElements, itemSizeOf, openLevel, type PixelBlock, toPixelBlock } from "@ozx/core/internal";
import type { PlacedBlock } from "../chunks/cells.js";
import { boxOf } from "../pyramid/live-cells.js";
import type { Recut } from "./recut-array.js";

/** Decoded blocks, of several arrays, up to a number of bytes. */
export interface BlockMemory {
  /** In bytes. */
  readonly most: number;
  /**
   * A block, which is read if it is not in memory.
   *
   * @param uses how often it is going to be asked for: after the last time it is not kept
   */
  get(
    id: string,
    block: { readonly uses: number; readonly bytes: number; read(): Promise<PixelBlock> },
  ): Promise<PixelBlock>;
}

/** A block that was not asked for during so many requests for each block that is kept is one of the past. */
const STALE = 16;

/**
 * Where there is no room for all blocks that are needed again, those stay that came first: chunks are made of the same
 * blocks in the same order, so the one that was used last is the one that is needed last.
 *
 * @param most in bytes
 */
export function createBlockMemory(most: number): BlockMemory {
  const kept = new Map<string, KeptBlock>();
  let total = 0;
  let requests = 0;
  const drop = (id: string): void => {
    total -= kept.get(id)?.bytes ?? 0;
    kept.delete(id);
  };
  const dropStale = (): void => {
    for (const [id, { used }] of kept) {
      if (requests - used <= STALE * kept.size) break;
      drop(id);
    }
  };
  return {
    most,
    get(id, { uses, bytes, read }) {
      requests++;
      const known = kept.get(id);
      if (known !== undefined) {
        // The last used are at the end.
        kept.delete(id);
        kept.set(id, known);
        known.used = requests;
        if (--known.left <= 0) drop(id);
        return known.block;
      }
      const block = read();
      if (uses <= 1) return block;
      if (total + bytes > most) dropStale();
      if (total + bytes > most) return block;
      kept.set(id, { left: uses - 1, used: requests, bytes, block });
      total += bytes;
      block.catch(() => {
        if (kept.get(id)?.block === block) drop(id);
      });
      return block;
    },
  };
}

interface KeptBlock {
  /** How often it is still going to be asked for. */
  left: number;
  /** The number of the request that was the last one for it. */
  used: number;
  readonly bytes: number;
  readonly block: Promise<PixelBlock>;
}

/** The decoded blocks of an array: whole chunks, several of them where they are small. */
export interface SourceBlocks {
  /** The shape of a block. */
  readonly shape: readonly number[];
  /** The block at a position of their grid, cut to what lies in the array. */
  get(position: readonly number[], options?: ReadOptions): Promise<PlacedBlock>;
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
  const { node } = recut;
  const { shape, dtype } = node.array;
  const cell = blockShape(recut, Math.min(SMALL_BLOCK, memory.most / LEAST_BLOCKS));
  const axes = shape.map((_, axis) => ({ name: String(axis), type: undefined, unit: undefined }));
  const [path, scale] = [node.path, shape.map(() => 1)];
  const level = { path, scale, translation: scale, array: node, problems: [] };
  const multiscale = { name: "", type: undefined, axes, levels: [level], coordinateSystem: undefined };
  const opened = openLevel(source, level, multiscale, workers);
  // float16 is float32 in memory.
  const itemSize = dtype === "float16" ? 4 : (itemSizeOf(dtype) ?? 1);
  return {
    shape: cell,
    async get(position, options) {
      const { start, stop } = boxOf(position, cell, shape);
      const selection = axes.map(({ name }, axis) => [name, [start[axis] ?? 0, stop[axis] ?? 0]] as const);
      const bytes = countElements(stop.map((end, axis) => end - (start[axis] ?? 0))) * itemSize;
      const block = await memory.get(`${path} ${position.join()}`, {
        uses: usesOf(recut, start, stop),
        bytes,
        read: async () => toPixelBlock(await opened.read(Object.fromEntries(selection), options)),
      });
      return { origin: start, block };
    },
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
