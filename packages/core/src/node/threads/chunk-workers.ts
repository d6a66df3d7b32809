import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { type ChunkThread, type ChunkThreadEvents, createChunkPool } from "../../workers/chunk-pool.js";
import { type ChunkWorkers, inlineWorkers } from "../../workers/chunk-tasks.js";
import { canStart } from "./distribute-tasks.js";
import { nodeDeflate } from "./node-deflate.js";

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
  if (workers < 2 || !canStart(THREAD)) return inlineWorkers(nodeDeflate);
  return createChunkPool({ workers, start: startThread });
}

function startThread({ onResult, onEnd }: ChunkThreadEvents): ChunkThread {
  // Without the flags of this process, such as export conditions: the built file needs none.
  const worker = new Worker(THREAD, { execArgv: [] });
  worker.on("message", onResult);
  worker.on("error", onEnd);
  worker.on("exit", (code) =>
    onEnd(new Error(`a thread that encodes chunks ended early, with exit code ${code}`)),
  );
  return {
    send: (request, transfer) => worker.postMessage(request, transfer),
    end: () => worker.terminate(),
  };
}
