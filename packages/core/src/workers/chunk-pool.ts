import { untilAborted } from "../bytes/concurrency.js";
import type { ReadOptions } from "../bytes/source-and-sink.js";
import { unpackError } from "../errors.js";
import type { AssembleTask, BlockPart } from "./assemble-chunk.js";
import { type ChunkTask, type ChunkWorkers, NOTHING } from "./chunk-tasks.js";
import type { ChunkPair, EqualTask } from "./equal-chunks.js";
import type { FileChunks } from "./file-chunks.js";
import type { PlacedChunk, PlaceTarget, PlaceTask } from "./place-chunks.js";
import {
  buffersOf,
  type ChunkTaskRequest,
  type ChunkTaskResult,
  DIFFERENT,
  ownBytes,
  type PoolTask,
} from "./serve-chunks.js";

/** A thread that runs `serveChunks`: a worker of Node, or of a page. */
export interface ChunkThread {
  /** Posts a request to the thread. */
  send(request: ChunkTaskRequest, transfer: ArrayBuffer[]): void;
  /** Ends the thread. */
  end(): Promise<unknown>;
}

/** The events of a thread. */
export interface ChunkThreadEvents {
  onResult(result: ChunkTaskResult): void;
  /** The thread could not be started, or has ended: no more results follow. */
  onEnd(error: Error): void;
}

/** Options of {@link createChunkPool}. */
export interface ChunkPoolOptions {
  /** The most threads, which are started when there are tasks for them. */
  readonly workers: number;
  /** How many threads to start before there are tasks; 0 by default. */
  readonly prestarted?: number | undefined;
  /** Starts a thread. It reports failures to `onEnd`, after it has returned. */
  start(events: ChunkThreadEvents): ChunkThread;
  /**
   * Runs the tasks once a thread has failed. Without it they fail: those that the thread had, and all others too if it
   * never gave a result, or several have ended, since the next one would end as it did.
   */
  readonly fallback?: ChunkWorkers | undefined;
  /** Whether threads can write into a `SharedArrayBuffer`: always in Node, in pages with cross-origin isolation. */
  readonly sharesMemory?: boolean | undefined;
  /** Whether threads can read files. Only with shared memory, and without a fallback. */
  readonly readsFiles?: boolean | undefined;
  /** As in {@link ChunkWorkers}. */
  readonly leastBytes?: number | undefined;
}

/** How many tasks a thread has at a time, so that it need not wait for the next one. */
const TASKS_AHEAD = 2;

/** How many threads may end early, for whatever reason, before no other is started in their place. */
const MOST_ENDS = 8;

/** What a task is carried out on: a chunk, or chunks of a block. */
type TaskInput =
  | {
      readonly kind: "chunk";
      readonly task: ChunkTask;
      readonly bytes: Uint8Array;
      readonly isSpare: boolean;
    }
  | { readonly kind: "pair"; readonly task: EqualTask; readonly pair: ChunkPair }
  | { readonly kind: "parts"; readonly task: AssembleTask; readonly parts: readonly BlockPart[] }
  | {
      readonly kind: "block";
      readonly task: PlaceTask;
      readonly chunks: readonly PlacedChunk[];
      readonly target: PlaceTarget;
    }
  | {
      readonly kind: "files";
      readonly task: PlaceTask;
      readonly files: FileChunks;
      readonly target: PlaceTarget;
    };

/** A task that waits for a thread, or for its result. */
interface QueuedTask {
  readonly input: TaskInput;
  readonly signal: AbortSignal | undefined;
  resolve(result: Uint8Array | string | PromiseLike<Uint8Array | string>): void;
  reject(error: unknown): void;
}

interface PooledThread {
  /** The tasks that it runs, by the ids of their requests. */
  readonly tasks: Map<number, QueuedTask>;
  assign(queued: QueuedTask): void;
  end(): Promise<unknown>;
}

/** Runs tasks on chunks in threads. A task that is aborted before its turn is never sent to one. */
export function createChunkPool({
  workers,
  prestarted = 0,
  start,
  fallback,
  sharesMemory = false,
  readsFiles = false,
  leastBytes,
}: ChunkPoolOptions): ChunkWorkers {
  const threads: PooledThread[] = [];
  let queue: QueuedTask[] = [];
  const taskIds = new WeakMap<PoolTask, number>();
  let nextTaskId = 0;
  let nextRequestId = 0;
  let failure: Error | undefined;
  let ended = 0;
  let closed = false;
  const idOf = (task: PoolTask): number => {
    const id = taskIds.get(task) ?? nextTaskId++;
    taskIds.set(task, id);
    return id;
  };

  const addThread = (): PooledThread => {
    const knownTasks = new Set<number>();
    const running = new Map<number, QueuedTask>();
    let works = false;
    const onResult = ({ id, result, error }: ChunkTaskResult): void => {
      works = true;
      const queued = running.get(id);
      running.delete(id);
      if (error === undefined) queued?.resolve(result);
      else queued?.reject(unpackError(error));
      distribute();
    };
    const onEnd = (error: Error): void => {
      const at = threads.indexOf(added);
      if (at >= 0) {
        threads.splice(at, 1);
        ended++;
      }
      if (fallback !== undefined || !works || ended >= MOST_ENDS) failure ??= error;
      const unfinished = [...running.values()];
      running.clear();
      if (fallback !== undefined) queue = unfinished.concat(queue);
      else for (const { reject } of unfinished) reject(error);
      distribute();
    };
    const thread = start({ onResult, onEnd });
    const added: PooledThread = {
      tasks: running,
      assign(queued) {
        const { input } = queued;
        const [id, taskId] = [nextRequestId++, idOf(input.task)];
        const task = knownTasks.has(taskId) ? undefined : input.task;
        if (input.kind === "chunk") {
          const bytes = ownBytes(input.bytes, input.isSpare);
          thread.send({ id, taskId, task, bytes }, buffersOf([bytes]));
        } else if (input.kind === "pair") {
          const [left, right] = input.pair;
          const pair = [
            ownBytes(left, fallback === undefined),
            ownBytes(right, fallback === undefined),
          ] as const;
          thread.send({ id, taskId, task, pair }, buffersOf(pair));
        } else if (input.kind === "parts") {
          thread.send({ id, taskId, task, parts: input.parts }, []);
        } else if (input.kind === "files") {
          const { files, target } = input;
          thread.send({ id, taskId, task, files, target }, []);
        } else {
          const chunks = input.chunks.map(({ position, bytes }) => ({
            position,
            bytes: bytes && ownBytes(bytes, true),
          }));
          const { target } = input;
          thread.send({ id, taskId, task, chunks, target }, buffersOf(chunks.map(({ bytes }) => bytes)));
        }
        running.set(id, queued);
        knownTasks.add(taskId);
      },
      end: () => thread.end(),
    };
    threads.push(added);
    return added;
  };

  const freeThread = (): PooledThread | undefined => {
    let best: PooledThread | undefined;
    for (const thread of threads) if (thread.tasks.size < (best?.tasks.size ?? TASKS_AHEAD)) best = thread;
    return best?.tasks.size === 0 || threads.length === workers ? best : addThread();
  };

  /** Settles a task that no thread is needed for. */
  const settle = ({ input, signal, resolve, reject }: QueuedTask): boolean => {
    if (signal?.aborted) reject(signal.reason);
    else if (failure === undefined) return false;
    else if (fallback === undefined) reject(failure);
    else resolve(runBy(fallback, input, { signal }));
    return true;
  };

  const distribute = (): void => {
    for (let queued = queue[0]; queued !== undefined; queued = queue[0]) {
      try {
        if (!settle(queued)) {
          const thread = freeThread();
          if (thread === undefined) return;
          thread.assign(queued);
        }
      } catch (error) {
        // A thread cannot be started, or its task not be sent: the tasks behind it must not wait for this one.
        queued.reject(error);
      }
      queue.shift();
    }
  };

  const enqueue = async (input: TaskInput, signal: AbortSignal | undefined): Promise<Uint8Array | string> => {
    signal?.throwIfAborted();
    if (closed) throw poolClosed();
    const done = new Promise<Uint8Array | string>((resolve, reject) => {
      queue.push({ input, signal, resolve, reject });
    });
    distribute();
    return untilAborted(done, signal);
  };

  for (let k = 0; k < Math.min(prestarted, workers); k++) addThread();
  return {
    atOnce: workers * TASKS_AHEAD,
    leastBytes,
    sharesMemory,
    run(task, bytes, { signal, isSpare = false } = {}) {
      // The fallback needs the bytes of a task that a thread has failed on.
      return enqueue({ kind: "chunk", task, bytes, isSpare: isSpare && fallback === undefined }, signal);
    },
    ...(sharesMemory && {
      async place(
        task: PlaceTask,
        chunks: readonly PlacedChunk[],
        target: PlaceTarget,
        options?: ReadOptions,
      ) {
        await enqueue({ kind: "block", task, chunks, target }, options?.signal);
      },
      async assemble(task: AssembleTask, parts: readonly BlockPart[], options?: ReadOptions) {
        const encoded = await enqueue({ kind: "parts", task, parts }, options?.signal);
        return typeof encoded === "string" || encoded.length === 0 ? undefined : encoded;
      },
    }),
    ...(readsFiles && {
      async placeFiles(task: PlaceTask, files: FileChunks, target: PlaceTarget, options?: ReadOptions) {
        const left = await enqueue({ kind: "files", task, files, target }, options?.signal);
        return typeof left === "string" ? files.chunks.keys() : left;
      },
    }),
    async isEqual(task, pair, options) {
      return (await enqueue({ kind: "pair", task, pair }, options?.signal)) !== DIFFERENT;
    },
    async close() {
      closed = true;
      const ended = threads.splice(0);
      const unfinished = [...ended.flatMap(({ tasks }) => [...tasks.values()]), ...queue.splice(0)];
      // When a thread reports that it has ended, its tasks must not be queued again.
      for (const { tasks } of ended) tasks.clear();
      for (const { reject } of unfinished) reject(poolClosed());
      await Promise.all(ended.map((thread) => thread.end()));
    },
  };
}

async function runBy(
  workers: ChunkWorkers,
  input: TaskInput,
  options: ReadOptions,
): Promise<Uint8Array | string> {
  if (input.kind === "chunk") return workers.run(input.task, input.bytes, options);
  if (input.kind === "pair") {
    return (await workers.isEqual(input.task, input.pair, options)) ? NOTHING : DIFFERENT;
  }
  if (input.kind === "parts") return (await workers.assemble?.(input.task, input.parts, options)) ?? NOTHING;
  if (input.kind === "block") await workers.place?.(input.task, input.chunks, input.target, options);
  return input.kind === "block" ? NOTHING : NOT_PLACED;
}

/** What stands for all indices, where nothing was placed. */
const NOT_PLACED = "is not placed";

function poolClosed(): TypeError {
  return new TypeError("the threads that decode and encode chunks have been ended");
}
