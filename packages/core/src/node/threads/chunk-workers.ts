import { availableParallelism } from "node:os";
import { type ChunkThread, type ChunkThreadEvents, createChunkPool } from "../../workers/chunk-pool.js";
import { type ChunkWorkers, inlineWorkers } from "../../workers/chunk-tasks.js";
import { canStart, startThread } from "./distribute-tasks.js";

/** Built next to this file. */
const THREAD = new URL("./chunk-thread.js", import.meta.url);

export interface ChunkWorkersOptions {
  /** The number of threads; by default, one for each processor. */
  readonly workers?: number | undefined;
}

/**
 * Decodes and encodes chunks in threads, which are started when they are needed and ended by `close`. With one worker,
 * and where threads cannot be started, in the calling thread.
 */
export function createChunkWorkers({
  workers = availableParallelism(),
}: ChunkWorkersOptions = {}): ChunkWorkers {
  if (workers < 2 || !canStart(THREAD)) return inlineWorkers();
  return createChunkPool({ workers, start: (events) => startChunkThread(THREAD, events) });
}

/** @param thread a file that runs `serveChunks` */
export function startChunkThread(thread: URL, { onResult, onEnd }: ChunkThreadEvents): ChunkThread {
  const worker = startThread(thread, undefined, onEnd);
  worker.on("message", onResult);
  return {
    send: (request, transfer) => worker.postMessage(request, transfer),
    end: () => worker.terminate(),
  };
}
