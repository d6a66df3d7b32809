import type { ChunkWorkers } from "@ozx/core";
import {
  type ChunkPoolOptions,
  type ChunkTaskResult,
  type ChunkThread,
  type ChunkThreadEvents,
  createChunkPool,
  inlineWorkers,
} from "@ozx/core/internal";
import type { ToWorker } from "./messages.js";
import { taskModules } from "./task-modules.js";

let workers: ChunkWorkers | undefined;

/**
 * The workers that decode chunks, shared by all sources that the page opens; the page's own thread where the browser has
 * no workers.
 */
export function decodeWorkers(): ChunkWorkers {
  workers ??=
    typeof Worker === "undefined" ? inlineWorkers({ modules: taskModules }) : createChunkPool(poolOptions());
  return workers;
}

function poolOptions(): ChunkPoolOptions {
  return {
    workers: workerCount(navigator.hardwareConcurrency),
    prestarted: 2,
    start: startThread,
    fallback: inlineWorkers({ modules: taskModules }),
  };
}

/** One processor is left for rendering; more than four workers would only wait for the disk or the server. */
function workerCount(processors: number): number {
  return Math.min(4, Math.max(2, processors - 1));
}

function startThread({ onResult, onEnd }: ChunkThreadEvents): ChunkThread {
  const worker = startWorker("decode");
  worker.addEventListener("message", ({ data }: MessageEvent<ChunkTaskResult>) => onResult(data));
  worker.addEventListener("error", ({ message }) => {
    worker.terminate();
    onEnd(new Error(message || "the worker could not be loaded"));
  });
  return {
    send(request, transfer) {
      const message: ToWorker = { type: "decode", request };
      worker.postMessage(message, transfer);
    },
    end: async () => worker.terminate(),
  };
}

/** Starts a worker of the page. The name shows in the browser's developer tools. */
export function startWorker(name: string): Worker {
  return new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name });
}
