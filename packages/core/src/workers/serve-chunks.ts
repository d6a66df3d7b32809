import { loadCodecs } from "../codecs/codecs.js";
import { type PackedError, packError } from "../errors.js";
import { type AssembleTask, assembleChunk, type BlockPart } from "./assemble-chunk.js";
import { type ChunkTask, NOTHING, runChunkTask, type TaskModules } from "./chunk-tasks.js";
import { areEqualChunks, type ChunkPair, type EqualTask } from "./equal-chunks.js";
import { type FileChunks, type PartReader, placeFileChunks } from "./file-chunks.js";
import { type PlacedChunk, type PlaceTarget, type PlaceTask, placeChunk } from "./place-chunks.js";

/**
 * The thread's side of a pool: runs the task of each request, and sends its result.
 *
 * @param send posts a message to the thread that started this one
 * @param options.reader reads files, where the thread can
 * @param options.modules those of tasks that have no address
 * @returns the handler of requests
 */
export function serveChunks(
  send: (result: ChunkTaskResult, transfer: ArrayBuffer[]) => void,
  { reader, modules }: { readonly reader?: PartReader; readonly modules?: TaskModules } = {},
): (request: ChunkTaskRequest) => Promise<void> {
  const tasks = new Map<number, PoolTask>();
  // Loaded before the first request arrives.
  const platform = loadCodecs();
  platform.catch(() => {});
  return async (request) => {
    const { id, taskId, task: sent } = request;
    try {
      if (sent !== undefined) tasks.set(taskId, sent);
      const task = tasks.get(taskId);
      if (task === undefined) throw new Error(`task ${taskId} is not known`);
      const codecs = await platform;
      if (task.kind === "place") {
        const { chunks = [], files, target } = request;
        if (files !== undefined && target !== undefined && reader !== undefined) {
          const left = placeFileChunks(task, files, target, { reader, codecs });
          return send({ id, result: left.length === 0 ? NOTHING : Uint8Array.from(left) }, []);
        }
        if (target !== undefined) for (const chunk of chunks) placeChunk(task, chunk, target, codecs);
        return send({ id, result: NOTHING }, []);
      }
      if (task.kind === "equal") {
        const isEqual = request.pair !== undefined && areEqualChunks(task, request.pair, codecs);
        return send({ id, result: isEqual ? NOTHING : DIFFERENT }, []);
      }
      const result =
        task.kind === "assemble"
          ? ((await assembleChunk(task, request.parts ?? [], codecs)) ?? NOTHING)
          : await runChunkTask(task, request.bytes ?? NOTHING, codecs, modules);
      if (typeof result === "string" || result === NOTHING) return send({ id, result }, []);
      // A view would transfer its whole buffer.
      const own = wholeBuffer(result) ?? result.slice();
      send({ id, result: own }, [own.buffer]);
    } catch (error) {
      send({ id, error: packError(error) }, []);
    }
  };
}

/** What a thread can be asked to do. */
export type PoolTask = ChunkTask | PlaceTask | AssembleTask | EqualTask;

/** The result for two chunks that are not the same. */
export const DIFFERENT = "differs";

/** Asks a thread to run a task on a chunk, on two, or on chunks of a block. */
export interface ChunkTaskRequest {
  /** Identifies the request in its result. */
  readonly id: number;
  readonly taskId: number;
  /** Sent with the first request of each task only. */
  readonly task: PoolTask | undefined;
  /** The chunk, unless there is a block. */
  readonly bytes?: Uint8Array | undefined;
  readonly chunks?: readonly PlacedChunk[] | undefined;
  readonly pair?: ChunkPair | undefined;
  /** What a chunk is assembled from, in shared memory; an empty result is one of the fill value. */
  readonly parts?: readonly BlockPart[] | undefined;
  /** Chunks that the thread reads; the result are the indices of those that it could not place. */
  readonly files?: FileChunks | undefined;
  /** The block, in shared memory. */
  readonly target?: PlaceTarget | undefined;
}

/** The result of a request: new bytes, what is wrong with the old ones, or an error. */
export type ChunkTaskResult =
  | { readonly id: number; readonly result: Uint8Array | string; readonly error?: undefined }
  | { readonly id: number; readonly result?: undefined; readonly error: PackedError };

/** Bytes that a thread can have: a copy, unless they are spare and in shared memory or in a buffer of their own. */
export function ownBytes(bytes: Uint8Array, isSpare: boolean): Uint8Array {
  return isSpare && (isShared(bytes) || wholeBuffer(bytes) !== undefined) ? bytes : new Uint8Array(bytes);
}

/** The buffers to transfer; shared ones are just sent. */
export function buffersOf(chunks: readonly (Uint8Array | undefined)[]): ArrayBuffer[] {
  return chunks.flatMap((bytes) => (bytes?.buffer instanceof ArrayBuffer ? [bytes.buffer] : []));
}

function isShared({ buffer }: Uint8Array): boolean {
  return typeof SharedArrayBuffer !== "undefined" && buffer instanceof SharedArrayBuffer;
}

/** The bytes if they are their whole buffer, which can then be transferred to another thread. */
function wholeBuffer(bytes: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  const { buffer, byteLength } = bytes;
  const isWhole = buffer instanceof ArrayBuffer && byteLength === buffer.byteLength;
  return isWhole ? (bytes as Uint8Array<ArrayBuffer>) : undefined;
}
