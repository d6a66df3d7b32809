import { untilAborted } from "../bytes/concurrency.js";
import { type PackedError, packError, unpackError } from "../errors.js";
import { codecPlatform, type Deflate } from "../zarr/codec/codec.js";
import { type ChunkTask, type ChunkWorkers, runChunkTask } from "./chunk-tasks.js";

/** A thread that does what `serveChunks` says: a worker of Node, or of a page. */
export interface ChunkThread {
  send(order: ChunkTaskRequest, transfer: ArrayBuffer[]): void;
  end(): Promise<unknown>;
}

/** What a thread tells. */
export interface ChunkThreadEvents {
  onResult(report: ChunkTaskResult): void;
  /** It could not be started, or has ended: nothing more comes of it. */
  onEnd(error: Error): void;
}

export interface ChunkPoolOptions {
  /** How many threads at most; they are started when there is work for them. */
  readonly workers: number;
  /** How many of them are started before there is work for them, where it will come soon; none by default. */
  readonly prestarted?: number | undefined;
  /** Starts one; what is wrong with it is told to `onEnd`, later. */
  start(events: ChunkThreadEvents): ChunkThread;
  /** Does the work once a thread has failed; otherwise that is an error. */
  readonly fallback?: ChunkWorkers | undefined;
}

/** Chunks that a thread has at a time, so that the next one is there when one is done. */
const TASKS_AHEAD = 2;

/** A chunk that waits for its turn, or for a thread to be done with it. */
interface QueuedTask {
  readonly task: ChunkTask;
  readonly bytes: Uint8Array;
  readonly isSpare: boolean;
  readonly signal: AbortSignal | undefined;
  resolve(result: Uint8Array | string | PromiseLike<Uint8Array | string>): void;
  reject(error: unknown): void;
}

interface PooledThread {
  /** By the numbers of the orders. */
  readonly tasks: Map<number, QueuedTask>;
  assign(waiting: QueuedTask): void;
  end(): Promise<unknown>;
}

/** Decodes and encodes chunks in threads. What is aborted before its turn is never sent to one. */
export function createChunkPool({
  workers: jobs,
  prestarted: ready = 0,
  start,
  fallback: instead,
}: ChunkPoolOptions): ChunkWorkers {
  const threads: PooledThread[] = [];
  let queue: QueuedTask[] = [];
  const taskIds = new WeakMap<ChunkTask, number>();
  let tasks = 0;
  let orders = 0;
  let failed = false;
  let closed = false;
  const idOf = (task: ChunkTask): number => {
    const id = taskIds.get(task) ?? tasks++;
    taskIds.set(task, id);
    return id;
  };

  const addThread = (): PooledThread => {
    const known = new Set<number>();
    const waiting = new Map<number, QueuedTask>();
    const onReport = ({ id, result, error }: ChunkTaskResult): void => {
      const asked = waiting.get(id);
      waiting.delete(id);
      if (error === undefined) asked?.resolve(result);
      else asked?.reject(unpackError(error));
      handOut();
    };
    const onEnd = (error: Error): void => {
      const at = threads.indexOf(added);
      if (at >= 0) threads.splice(at, 1);
      failed = instead !== undefined;
      const left = [...waiting.values()];
      waiting.clear();
      if (instead !== undefined) queue = left.concat(queue);
      else for (const { reject } of left) reject(error);
      handOut();
    };
    const thread = start({ onResult: onReport, onEnd });
    const added: PooledThread = {
      tasks: waiting,
      assign(order) {
        const [id, taskId] = [orders++, idOf(order.task)];
        waiting.set(id, order);
        // Otherwise a copy, since the bytes may be a part of something, or still be needed here.
        const bytes = (order.isSpare && wholeBuffer(order.bytes)) || order.bytes.slice();
        thread.send({ id, taskId, task: known.has(taskId) ? undefined : order.task, bytes }, [bytes.buffer]);
        known.add(taskId);
      },
      end: () => thread.end(),
    };
    threads.push(added);
    return added;
  };

  const freeThread = (): PooledThread | undefined => {
    let best: PooledThread | undefined;
    for (const thread of threads) if (thread.tasks.size < (best?.tasks.size ?? TASKS_AHEAD)) best = thread;
    return best?.tasks.size === 0 || threads.length === jobs ? best : addThread();
  };

  const handOut = (): void => {
    for (let order = queue[0]; order !== undefined; order = queue[0]) {
      const { task, bytes, signal } = order;
      if (signal?.aborted) order.reject(signal.reason);
      else if (failed && instead !== undefined) order.resolve(instead.run(task, bytes, { signal }));
      else {
        const thread = freeThread();
        if (thread === undefined) return;
        thread.assign(order);
      }
      queue.shift();
    }
  };

  for (let k = 0; k < Math.min(ready, jobs); k++) addThread();
  return {
    atOnce: jobs * TASKS_AHEAD,
    async run(task, bytes, { signal, isSpare = false } = {}) {
      signal?.throwIfAborted();
      if (closed) throw poolClosed();
      const done = new Promise<Uint8Array | string>((resolve, reject) => {
        // What a thread has failed on is done again, so it must still be here.
        queue.push({ task, bytes, isSpare: isSpare && instead === undefined, signal, resolve, reject });
      });
      handOut();
      return untilAborted(done, signal);
    },
    async close() {
      closed = true;
      const ended = threads.splice(0);
      const left = [...ended.flatMap(({ tasks: orders }) => [...orders.values()]), ...queue.splice(0)];
      // A thread may tell that it has ended: nothing of it is to be handed out again.
      for (const { tasks: orders } of ended) orders.clear();
      for (const { reject } of left) reject(poolClosed());
      await Promise.all(ended.map((thread) => thread.end()));
    },
  };
}

function poolClosed(): TypeError {
  return new TypeError("the threads that decode and encode chunks have been ended");
}

/**
 * The side of a thread that works on chunks for a pool: carries out each order that it is given, and sends what came
 * of it.
 *
 * @param send `postMessage` to whoever started the thread
 * @param deflate what gzip and zlib are done with; the platform's streams by default
 */
export function serveChunks(
  send: (report: ChunkTaskResult, transfer: ArrayBuffer[]) => void,
  deflate?: Deflate,
): (order: ChunkTaskRequest) => Promise<void> {
  const tasks = new Map<number, ChunkTask>();
  // Loaded while the first order is on its way.
  const platform = codecPlatform(deflate);
  platform.catch(() => {});
  return async ({ id, taskId, task: sent, bytes }) => {
    try {
      if (sent !== undefined) tasks.set(taskId, sent);
      const task = tasks.get(taskId);
      if (task === undefined) throw new Error(`task ${taskId} is not known`);
      const result = await runChunkTask(task, bytes, await platform);
      if (typeof result === "string") return send({ id, result }, []);
      // What is a view of something larger would take that with it.
      const own = wholeBuffer(result) ?? result.slice();
      send({ id, result: own }, [own.buffer]);
    } catch (error) {
      send({ id, error: packError(error) }, []);
    }
  };
}

/** A chunk for a thread to work on. */
export interface ChunkTaskRequest {
  readonly id: number;
  readonly taskId: number;
  /** Comes with the first chunk that it is for. */
  readonly task: ChunkTask | undefined;
  readonly bytes: Uint8Array;
}

/** What came of it: new bytes, what is wrong with the old ones, or an error. */
export type ChunkTaskResult =
  | { readonly id: number; readonly result: Uint8Array | string; readonly error?: undefined }
  | { readonly id: number; readonly result?: undefined; readonly error: PackedError };

/** The bytes if they are all of their buffer, which can be given to another thread then. */
export function wholeBuffer(bytes: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  const { buffer, byteLength } = bytes;
  const isWhole = buffer instanceof ArrayBuffer && byteLength === buffer.byteLength;
  return isWhole ? (bytes as Uint8Array<ArrayBuffer>) : undefined;
}
