import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { type ChunkThread, type ChunkThreadEvents, createChunkPool } from "../../workers/chunk-pool.js";
import { type ChunkWorkers, inlineWorkers } from "../../workers/chunk-tasks.js";
import { canStart } from "./distribute-tasks.js";

/** Built beside this. */
const THREAD = new URL("./chunk-thread.js", import.meta.url);

export interface ChunkWorkersOptions {
  /** How many threads; as many as there are processors by default. */
  readonly workers?: number | undefined;
}

/**
 * Decodes and encodes chunks in threads, which are started when there is work for them and ended by `close`. For
 * one job, and where threads cannot be had, in the calling thread.
 */
export function createChunkWorkers({
  workers: jobs = availableParallelism(),
}: ChunkWorkersOptions = {}): ChunkWorkers {
  if (jobs < 2 || !canStart(THREAD)) return inlineWorkers();
  return createChunkPool({ workers: jobs, start: startThread });
}

function startThread({ onResult: onReport, onEnd }: ChunkThreadEvents): ChunkThread {
  // Flags of this process, such as conditions that choose other files, are not for what was built.
  const worker = new Worker(THREAD, { execArgv: [] });
  worker.on("message", onReport);
  worker.on("error", onEnd);
  worker.on("exit", (code) =>
    onEnd(new Error(`a thread that encodes chunks ended early, with exit code ${code}`)),
  );
  return {
    send: (order, transfer) => worker.postMessage(order, transfer),
    end: () => worker.terminate(),
  };
}
