import {
  type ChunkPoolOptions,
  type ChunkTaskResult,
  type ChunkThread,
  type ChunkThreadEvents,
  type ChunkWorkers,
  createChunkPool,
  inlineWorkers,
} from "@ozx/core";
import type { ToWorker } from "./messages.js";

let workers: ChunkWorkers | undefined;

/**
 * Decodes chunks in a few workers, which stay for as long as the page does, whatever is opened in it; in the page's own
 * thread where there are no workers.
 */
export function decodeWorkers(): ChunkWorkers {
  workers ??= typeof Worker === "undefined" ? inlineWorkers() : createChunkPool(poolOptions());
  return workers;
}

function poolOptions(): ChunkPoolOptions {
  return {
    workers: workerCount(navigator.hardwareConcurrency),
    prestarted: 2,
    start: startThread,
    fallback: inlineWorkers(),
  };
}

/** One processor draws; more workers than four would wait for the disk or the server. */
function workerCount(processors: number): number {
  return Math.min(4, Math.max(2, processors - 1));
}

function startThread({ onResult: onReport, onEnd }: ChunkThreadEvents): ChunkThread {
  const worker = startWorker("decode");
  worker.addEventListener("message", ({ data }: MessageEvent<ChunkTaskResult>) => onReport(data));
  worker.addEventListener("error", ({ message }) => {
    worker.terminate();
    onEnd(new Error(message || "the worker could not be loaded"));
  });
  return {
    send(order, transfer) {
      const message: ToWorker = { type: "decode", order };
      worker.postMessage(message, transfer);
    },
    end: async () => worker.terminate(),
  };
}

/** Starts a worker of the page; its name is for those who look into the browser's tools. */
export function startWorker(name: string): Worker {
  return new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name });
}
