import { untilAborted } from "../bytes/concurrency.js";
import { loadCodecs } from "../codecs/codecs.js";
import { type PackedError, packError, unpackError } from "../errors.js";
import { type ChunkTask, type ChunkWorkers, runChunkTask } from "./chunk-tasks.js";

/** A thread that runs {@link serveChunks}: a worker of Node, or of a page. */
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
   * never gave a result, since the next one would end as it did.
   */
  readonly fallback?: ChunkWorkers | undefined;
}

/** How many tasks a thread has at a time, so that it need not wait for the next one. */
const TASKS_AHEAD = 2;

/** A task that waits for a thread, or for its result. */
interface QueuedTask {
  readonly task: ChunkTask;
  readonly bytes: Uint8Array;
  readonly isSpare: boolean;
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
}: ChunkPoolOptions): ChunkWorkers {
  const threads: PooledThread[] = [];
  let queue: QueuedTask[] = [];
  const taskIds = new WeakMap<ChunkTask, number>();
  let nextTaskId = 0;
  let nextRequestId = 0;
  let failure: Error | undefined;
  let closed = false;
  const idOf = (task: ChunkTask): number => {
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
      if (at >= 0) threads.splice(at, 1);
      if (fallback !== undefined || !works) failure ??= error;
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
        const [id, taskId] = [nextRequestId++, idOf(queued.task)];
        // A copy, unless nothing else uses the buffer.
        const bytes = (queued.isSpare && wholeBuffer(queued.bytes)) || new Uint8Array(queued.bytes);
        const task = knownTasks.has(taskId) ? undefined : queued.task;
        thread.send({ id, taskId, task, bytes }, [bytes.buffer]);
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
  const settle = ({ task, bytes, signal, resolve, reject }: QueuedTask): boolean => {
    if (signal?.aborted) reject(signal.reason);
    else if (failure === undefined) return false;
    else if (fallback === undefined) reject(failure);
    else resolve(fallback.run(task, bytes, { signal }));
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

  for (let k = 0; k < Math.min(prestarted, workers); k++) addThread();
  return {
    atOnce: workers * TASKS_AHEAD,
    async run(task, bytes, { signal, isSpare = false } = {}) {
      signal?.throwIfAborted();
      if (closed) throw poolClosed();
      const done = new Promise<Uint8Array | string>((resolve, reject) => {
        // The fallback needs the bytes of a task that a thread has failed on.
        queue.push({ task, bytes, isSpare: isSpare && fallback === undefined, signal, resolve, reject });
      });
      distribute();
      return untilAborted(done, signal);
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

function poolClosed(): TypeError {
  return new TypeError("the threads that decode and encode chunks have been ended");
}

/**
 * The thread's side of a pool: runs the task of each request, and sends its result.
 *
 * @param send posts a message to the thread that started this one
 * @returns the handler of requests
 */
export function serveChunks(
  send: (result: ChunkTaskResult, transfer: ArrayBuffer[]) => void,
): (request: ChunkTaskRequest) => Promise<void> {
  const tasks = new Map<number, ChunkTask>();
  // Loaded before the first request arrives.
  const platform = loadCodecs();
  platform.catch(() => {});
  return async ({ id, taskId, task: sent, bytes }) => {
    try {
      if (sent !== undefined) tasks.set(taskId, sent);
      const task = tasks.get(taskId);
      if (task === undefined) throw new Error(`task ${taskId} is not known`);
      const result = await runChunkTask(task, bytes, await platform);
      if (typeof result === "string") return send({ id, result }, []);
      // A view would transfer its whole buffer.
      const own = wholeBuffer(result) ?? result.slice();
      send({ id, result: own }, [own.buffer]);
    } catch (error) {
      send({ id, error: packError(error) }, []);
    }
  };
}

/** Asks a thread to run a task on a chunk. */
export interface ChunkTaskRequest {
  /** Identifies the request in its result. */
  readonly id: number;
  readonly taskId: number;
  /** Sent with the first request of each task only. */
  readonly task: ChunkTask | undefined;
  readonly bytes: Uint8Array;
}

/** The result of a request: new bytes, what is wrong with the old ones, or an error. */
export type ChunkTaskResult =
  | { readonly id: number; readonly result: Uint8Array | string; readonly error?: undefined }
  | { readonly id: number; readonly result?: undefined; readonly error: PackedError };

/** The bytes if they are their whole buffer, which can then be transferred to another thread. */
function wholeBuffer(bytes: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  const { buffer, byteLength } = bytes;
  const isWhole = buffer instanceof ArrayBuffer && byteLength === buffer.byteLength;
  return isWhole ? (bytes as Uint8Array<ArrayBuffer>) : undefined;
}
