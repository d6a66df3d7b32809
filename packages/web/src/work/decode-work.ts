import {
  type ChunkPoolOptions,
  type ChunkReport,
  type ChunkThread,
  type ChunkThreadEvents,
  type ChunkWork,
  createChunkPool,
  inlineWork,
} from "@ozx/core";
import type { ToWorker } from "./messages.js";
import { startWorker } from "./start-worker.js";

let work: ChunkWork | undefined;

/**
 * Decodes chunks in a few workers, which stay for as long as the page does, whatever is opened in it; in the page's own
 * thread where there are no workers.
 */
export function decodeWork(): ChunkWork {
  work ??= typeof Worker === "undefined" ? inlineWork() : createChunkPool(poolOptions());
  return work;
}

function poolOptions(): ChunkPoolOptions {
  return { jobs: jobsFor(navigator.hardwareConcurrency), ready: 2, start, instead: inlineWork() };
}

/** One processor draws; more workers than four would wait for the disk or the server. */
function jobsFor(processors: number): number {
  return Math.min(4, Math.max(2, processors - 1));
}

function start({ onReport, onEnd }: ChunkThreadEvents): ChunkThread {
  const worker = startWorker("decode");
  worker.addEventListener("message", ({ data }: MessageEvent<ChunkReport>) => onReport(data));
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
