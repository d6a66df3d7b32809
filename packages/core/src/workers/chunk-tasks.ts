import type { ReadOptions } from "../bytes/source-and-sink.js";
import { type Codecs, loadCodecs } from "../codecs/codecs.js";
import { type DownsampleMethod, downsample, downsampledShape } from "../image/downsample.js";
import { bytesOfPixels, type PixelBlock, pixelsOfBytes } from "../image/pixel-values.js";
import type { ModuleTask } from "../store/store-format.js";
import type { Codec } from "../zarr/codec/codec.js";
import { type CodingTask, runCodingTask } from "../zarr/codec/coding-task.js";
import { type ArrayTask, decodeArray } from "../zarr/codec/decode-array.js";
import { type ChunkCheck, decodeOrThrow, runChunkCheck } from "../zarr/codec/decode-bytes.js";
import { widenHalves } from "../zarr/data-types.js";
import { type AssembleTask, assembleChunk, type BlockPart } from "./assemble-chunk.js";
import { areEqualChunks, type ChunkPair, type EqualTask } from "./equal-chunks.js";
import type { FileChunks } from "./file-chunks.js";
import { type PlacedChunk, type PlaceTarget, type PlaceTask, placeChunk } from "./place-chunks.js";

/** Options of {@link ChunkWorkers.run}. */
export interface ChunkTaskOptions extends ReadOptions {
  /** Whether the caller no longer needs the bytes, so that their buffer may be transferred to a thread. */
  readonly isSpare?: boolean | undefined;
}

/** Runs tasks on chunks: in this thread, or in a pool of others. */
export interface ChunkWorkers {
  /** How many tasks are useful at once. */
  readonly atOnce: number;
  /**
   * Runs a task on a chunk. Its bytes stay unchanged unless they are spare.
   *
   * @returns the new bytes, or what is wrong with the chunk, as the end of a sentence about it
   */
  run(task: ChunkTask, bytes: Uint8Array, options?: ChunkTaskOptions): Promise<Uint8Array | string>;
  /**
   * Decodes chunks into a block. Present where tasks can write into the caller's memory. Only the part of each chunk that lies in the block is written; after a failure, the block is
   * undefined.
   *
   * @param chunks their bytes may be transferred to a thread
   * @throws CorruptDataError, UnsupportedError naming the chunk
   */
  place?(
    task: PlaceTask,
    chunks: readonly PlacedChunk[],
    target: PlaceTarget,
    options?: ReadOptions,
  ): Promise<void>;
  /**
   * Like `place`, but reads the chunks from files too. Present where workers can.
   *
   * @param files at most 256 chunks
   * @returns the indices of those that were not placed: read by way of their store, they either can, or the error tells
   *   why not
   */
  placeFiles?(
    task: PlaceTask,
    files: FileChunks,
    target: PlaceTarget,
    options?: ReadOptions,
  ): Promise<Iterable<number>>;
  /**
   * Copies parts of blocks into a chunk and encodes it. Present where tasks can read the caller's memory: the blocks must
   * not change until it is done.
   *
   * @param parts do not overlap
   * @returns undefined where all pixels have the fill value
   */
  assemble?(
    task: AssembleTask,
    parts: readonly BlockPart[],
    options?: ReadOptions,
  ): Promise<Uint8Array | undefined>;
  /** Whether two chunks decode to the same bytes; false also where one does not decode. They may be transferred. */
  isEqual(task: EqualTask, pair: ChunkPair, options?: ReadOptions): Promise<boolean>;
  /** Whether blocks must be in a `SharedArrayBuffer` for `place` and `assemble`. */
  readonly sharesMemory?: boolean | undefined;
  /** Decoded bytes below which the caller decodes by itself, since threads would only be slower; 0 where it never does. */
  readonly leastBytes?: number | undefined;
  /** What the calling thread does by itself where threads would be slower; `inlineWorkers` by default. */
  readonly here?: ChunkWorkers | undefined;
  /** Ends all threads; unfinished tasks fail. */
  close(): Promise<void>;
}

/**
 * Modules of tasks that a bundler has put elsewhere than at an address of their own: what loads each, by the `href` of
 * the tasks.
 */
export type TaskModules = Readonly<Record<string, () => Promise<object>>>;

/**
 * Runs tasks in this thread.
 *
 * @param options.modules those of tasks that have no address
 */
export function inlineWorkers({ modules }: { readonly modules?: TaskModules } = {}): ChunkWorkers {
  let platform: Promise<Codecs> | undefined;
  return {
    atOnce: 4,
    async run(task, bytes, options) {
      options?.signal?.throwIfAborted();
      platform ??= loadCodecs();
      return runChunkTask(task, bytes, await platform, modules);
    },
    async place(task, chunks, target, options) {
      if (task.codecs.length > 0) platform ??= loadCodecs();
      const codecs = await platform;
      for (const chunk of chunks) {
        options?.signal?.throwIfAborted();
        placeChunk(task, chunk, target, codecs);
      }
    },
    async assemble(task, parts, options) {
      options?.signal?.throwIfAborted();
      platform ??= loadCodecs();
      return assembleChunk(task, parts, await platform);
    },
    async isEqual(task, pair, options) {
      options?.signal?.throwIfAborted();
      platform ??= loadCodecs();
      return areEqualChunks(task, pair, await platform);
    },
    async close() {},
  };
}

/** A task on a chunk, or on a block of pixels, as data that another thread can be sent. */
export type ChunkTask =
  | CodingTask
  | ChunkCheck
  | DecodeTask
  | DownsampleTask
  | ArrayTask
  | WidenTask
  | ModuleTask;

/** Converts float16 to float32, both little-endian, after another task. */
interface WidenTask {
  readonly kind: "widen";
  /** Undefined where the bytes are float16 already. */
  readonly first: CodingTask | ArrayTask | undefined;
  /** Whether the halves are big-endian. */
  readonly isBig: boolean;
}

/**
 * Runs a task on one chunk.
 *
 * @param modules those of tasks that have no address
 * @returns the new bytes, or what is wrong with the chunk, as the end of a sentence about it
 */
export async function runChunkTask(
  task: ChunkTask,
  bytes: Uint8Array,
  platform: Codecs,
  modules?: TaskModules,
): Promise<Uint8Array | string> {
  switch (task.kind) {
    case "downsample":
      return runDownsampleTask(task, bytes);
    case "array":
      return decodeArray(task, bytes, platform);
    case "widen": {
      const halves = task.first === undefined ? bytes : await runChunkTask(task.first, bytes, platform);
      return typeof halves === "string" ? halves : widenHalves(halves, task.isBig);
    }
    case "check":
      return runChunkCheck(task, bytes, platform) ?? NOTHING;
    case "module":
      return runModuleTask(task, bytes, modules);
    case "decode":
      return decodeOrThrow(task.codecs, { bytes, size: task.size }, platform);
    default:
      return runCodingTask(task, bytes, platform);
  }
}

async function runModuleTask(
  { href, name, input }: ModuleTask,
  bytes: Uint8Array,
  modules: TaskModules = {},
): Promise<Uint8Array> {
  // Bundlers cannot know a module that is loaded by its address.
  const module: object = await (modules[href]?.() ?? import(/* @vite-ignore */ href));
  const run: unknown = Reflect.get(module, name);
  if (typeof run !== "function") throw new TypeError(`${href} does not export the function ${name}`);
  return run(bytes, input) as Promise<Uint8Array>;
}

/** The result of tasks that have none. */
export const NOTHING = new Uint8Array(0);

/** Decodes bytes. It throws what the codecs throw, and so tells damage from what is not supported. */
interface DecodeTask {
  readonly kind: "decode";
  /** In the order of encoding. */
  readonly codecs: readonly Codec[];
  /** Bytes of a decoded chunk. */
  readonly size: number;
}

/** Downsamples a block of pixels. Input and output are the bytes of pixels, in the machine's byte order. */
interface DownsampleTask {
  readonly kind: "downsample";
  /** The name of the typed array, as in `Uint16Array`. */
  readonly pixels: string;
  readonly shape: readonly number[];
  readonly factors: readonly number[];
  readonly method: DownsampleMethod;
}

function runDownsampleTask(
  { pixels, shape, factors, method }: DownsampleTask,
  bytes: Uint8Array,
): Uint8Array {
  return bytesOfPixels(downsample({ data: pixelsOfBytes(pixels, bytes), shape }, factors, method).data);
}

/** Downsamples a block. */
type Downsampler = (block: PixelBlock, options?: ChunkTaskOptions) => Promise<PixelBlock>;

/** A block of fewer bytes is not worth sending to a thread. */
const SMALL_BLOCK = 65_536;

/**
 * A function that downsamples blocks with the same workers that encode chunks.
 *
 * @param factors as `downsample` takes them
 */
export function createDownsampler(
  factors: readonly number[],
  method: DownsampleMethod,
  workers: ChunkWorkers,
): Downsampler {
  // One task a shape, so that it is sent to a thread only once: most blocks have the same shape.
  const tasks = new Map<string, DownsampleTask>();
  const taskOf = ({ data, shape }: PixelBlock): DownsampleTask => {
    const pixels = data[Symbol.toStringTag];
    const id = [pixels, ...shape].join();
    const task = tasks.get(id) ?? { kind: "downsample", pixels, shape, factors, method };
    tasks.set(id, task);
    return task;
  };
  return async (block, options) => {
    if (block.data.byteLength < SMALL_BLOCK) return downsample(block, factors, method);
    const task = taskOf(block);
    const bytes = await workers.run(task, bytesOfPixels(block.data), options);
    if (typeof bytes === "string") throw new TypeError(`a block of pixels ${bytes}`);
    return { data: pixelsOfBytes(task.pixels, bytes), shape: downsampledShape(block.shape, factors) };
  };
}
