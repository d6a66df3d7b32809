import { untilAborted } from "../bytes/until-aborted.js";
import { unpackError } from "../errors.js";
import type { ChunkOrder, ChunkReport } from "./chunk-messages.js";
import type { ChunkTask } from "./chunk-task.js";
import type { ChunkWork } from "./chunk-work.js";
import { wholeBuffer } from "./whole-buffer.js";

/** A thread that does what `serveChunks` says: a worker of Node, or of a page. */
export interface ChunkThread {
  send(order: ChunkOrder, transfer: ArrayBuffer[]): void;
  end(): Promise<unknown>;
}

/** What a thread tells. */
export interface ChunkThreadEvents {
  onReport(report: ChunkReport): void;
  /** It could not be started, or has ended: nothing more comes of it. */
  onEnd(error: Error): void;
}

export interface ChunkPoolOptions {
  /** How many threads at most; they are started when there is work for them. */
  readonly jobs: number;
  /** How many of them are started before there is work for them, where it will come soon; none by default. */
  readonly ready?: number | undefined;
  /** Starts one; what is wrong with it is told to `onEnd`, later. */
  start(events: ChunkThreadEvents): ChunkThread;
  /** Does the work once a thread has failed; otherwise that is an error. */
  readonly instead?: ChunkWork | undefined;
}

/** Chunks that a thread has at a time, so that the next one is there when one is done. */
const ORDERS_AHEAD = 2;

/** A chunk that waits for its turn, or for a thread to be done with it. */
interface Waiting {
  readonly task: ChunkTask;
  readonly bytes: Uint8Array;
  readonly isSpare: boolean;
  readonly signal: AbortSignal | undefined;
  resolve(result: Uint8Array | string | PromiseLike<Uint8Array | string>): void;
  reject(error: unknown): void;
}

interface PooledThread {
  /** By the numbers of the orders. */
  readonly orders: Map<number, Waiting>;
  give(waiting: Waiting): void;
  end(): Promise<unknown>;
}

/** Decodes and encodes chunks in threads. What is aborted before its turn is never sent to one. */
export function createChunkPool({ jobs, ready = 0, start, instead }: ChunkPoolOptions): ChunkWork {
  const threads: PooledThread[] = [];
  let queue: Waiting[] = [];
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
    const waiting = new Map<number, Waiting>();
    const onReport = ({ id, result, error }: ChunkReport): void => {
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
    const thread = start({ onReport, onEnd });
    const added: PooledThread = {
      orders: waiting,
      give(order) {
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
    for (const thread of threads) if (thread.orders.size < (best?.orders.size ?? ORDERS_AHEAD)) best = thread;
    return best?.orders.size === 0 || threads.length === jobs ? best : addThread();
  };

  const handOut = (): void => {
    for (let order = queue[0]; order !== undefined; order = queue[0]) {
      const { task, bytes, signal } = order;
      if (signal?.aborted) order.reject(signal.reason);
      else if (failed && instead !== undefined) order.resolve(instead.run(task, bytes, { signal }));
      else {
        const thread = freeThread();
        if (thread === undefined) return;
        thread.give(order);
      }
      queue.shift();
    }
  };

  for (let k = 0; k < Math.min(ready, jobs); k++) addThread();
  return {
    atOnce: jobs * ORDERS_AHEAD,
    async run(task, bytes, { signal, isSpare = false } = {}) {
      signal?.throwIfAborted();
      if (closed) throw wereEnded();
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
      const left = [...ended.flatMap(({ orders }) => [...orders.values()]), ...queue.splice(0)];
      // A thread may tell that it has ended: nothing of it is to be handed out again.
      for (const { orders } of ended) orders.clear();
      for (const { reject } of left) reject(wereEnded());
      await Promise.all(ended.map((thread) => thread.end()));
    },
  };
}

function wereEnded(): TypeError {
  return new TypeError("the threads that decode and encode chunks have been ended");
}
