import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { unpackError } from "../errors.js";
import type { ChunkTask } from "../zarr/codec/chunk-task.js";
import { type ChunkWork, inlineWork } from "../zarr/codec/chunk-work.js";
import type { ChunkOrder, ChunkReport } from "./chunk-messages.js";
import { nodeDeflate } from "./node-deflate.js";
import { canStart } from "./share-out.js";

/** Built beside this. */
const THREAD = new URL("./chunk-thread.js", import.meta.url);
/** Chunks that a thread has at a time, so that the next one is there when one is done. */
const ORDERS_AHEAD = 2;

export interface ChunkWorkOptions {
  /** How many threads; as many as there are processors by default. */
  readonly jobs?: number | undefined;
}

/**
 * Decodes and encodes chunks in threads, which are started when there is work for them and ended by `close`. For
 * one job, and where threads cannot be had, in the calling thread.
 */
export function createChunkWork({ jobs = availableParallelism() }: ChunkWorkOptions = {}): ChunkWork {
  if (jobs < 2 || !canStart(THREAD)) return inlineWork(nodeDeflate);
  const threads: ChunkThread[] = [];
  const taskIds = new Map<ChunkTask, number>();
  const idOf = (task: ChunkTask): number => {
    const id = taskIds.get(task) ?? taskIds.size;
    taskIds.set(task, id);
    return id;
  };
  const leastBusy = (): ChunkThread => {
    const [first, ...others] = threads;
    const thread = others.reduce(
      (least, other) => (other.waiting() < least.waiting() ? other : least),
      first as ChunkThread,
    );
    if (thread !== undefined && (thread.waiting() === 0 || threads.length === jobs)) return thread;
    const added = startThread();
    threads.push(added);
    return added;
  };
  return {
    atOnce: jobs * ORDERS_AHEAD,
    async run(task, bytes, options) {
      options?.signal?.throwIfAborted();
      const result = await leastBusy().run(task, idOf(task), bytes);
      options?.signal?.throwIfAborted();
      return result;
    },
    async close() {
      await Promise.all(threads.splice(0).map((thread) => thread.end()));
    },
  };
}

interface ChunkThread {
  /** How many chunks it has. */
  waiting(): number;
  run(task: ChunkTask, taskId: number, bytes: Uint8Array): Promise<Uint8Array | string>;
  end(): Promise<unknown>;
}

interface Waiting {
  resolve(result: Uint8Array | string): void;
  reject(error: unknown): void;
}

function startThread(): ChunkThread {
  // Flags of this process, such as conditions that choose other files, are not for what was built.
  const worker = new Worker(THREAD, { execArgv: [] });
  const waiting = new Map<number, Waiting>();
  const known = new Set<number>();
  let failure: { readonly error: unknown } | undefined;
  let next = 0;
  const fail = (error: unknown): void => {
    failure ??= { error };
    for (const { reject } of waiting.values()) reject(failure.error);
    waiting.clear();
  };
  worker.on("message", ({ id, result, error }: ChunkReport) => {
    const asked = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) asked?.resolve(result);
    else asked?.reject(unpackError(error));
  });
  worker.on("error", fail);
  worker.on("exit", (code) =>
    fail(new Error(`a thread that encodes chunks ended early, with exit code ${code}`)),
  );
  return {
    waiting: () => waiting.size,
    run(task, taskId, bytes) {
      if (failure !== undefined) return Promise.reject(failure.error);
      const id = next++;
      // A copy, since the bytes may be a part of something that is still needed here.
      const own = bytes.slice();
      const order: ChunkOrder = { id, taskId, task: known.has(taskId) ? undefined : task, bytes: own };
      known.add(taskId);
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        worker.postMessage(order, [own.buffer]);
      });
    },
    end: () => worker.terminate(),
  };
}
