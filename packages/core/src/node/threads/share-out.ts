import { existsSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { type PackedError, unpackError } from "../../errors.js";
import type { Progress, WriteOptions } from "../../store/target.js";
import { progressCounter } from "../../store/target.js";

/** Orders that a thread has at a time, so that the next one is there when one is carried out. */
const ORDERS_AHEAD = 2;

/** What a thread says: how much of its order is done, that all of it is, or why it cannot be. */
export type ThreadReport =
  | { readonly kind: "progress" | "finished"; readonly done: Progress }
  | { readonly kind: "failed"; readonly error: PackedError };

/** Work that threads share; see {@link shareOut}. */
export interface SharedOrders<Order> {
  /** The file that a thread runs, which calls `takeOrders`. */
  readonly thread: URL;
  /** What each is started with. */
  readonly workerData: unknown;
  /** How many. */
  readonly threads: number;
  /** Each is asked for when a thread is ready for it. */
  readonly orders: Iterable<Order>;
  readonly onFinished?: ((order: Order) => void) | undefined;
}

/** Whether the file of a thread is there: it is built, so where the source itself is run there is none. */
export function canStart(thread: URL): boolean {
  return existsSync(thread);
}

/**
 * Has threads of this process carry orders out, each its own at the same time. It fails with the first of them
 * that does, or when it is aborted; whatever has happened, none of them runs any more when this returns.
 */
export async function shareOut<Order>(
  { thread, workerData, threads, orders, onFinished }: SharedOrders<Order>,
  options: WriteOptions = {},
): Promise<void> {
  const { signal } = options;
  signal?.throwIfAborted();
  const waiting = orders[Symbol.iterator]();
  const count = progressCounter(options);
  // Flags of this process, such as conditions that choose other files, are not for what was built.
  const workers = Array.from({ length: threads }, () => new Worker(thread, { workerData, execArgv: [] }));
  let giveUp: (() => void) | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      giveUp = () => reject(signal?.reason);
      signal?.addEventListener("abort", giveUp, { once: true });
      let unfinished = 0;
      for (const worker of workers) {
        const given: Order[] = [];
        const give = (): void => {
          const { value: order, done } = waiting.next();
          if (done) return;
          given.push(order);
          unfinished++;
          worker.postMessage(order);
        };
        let progress = count.within();
        const hear = (report: ThreadReport): void => {
          if (report.kind === "failed") throw unpackError(report.error);
          progress(report.done);
          if (report.kind === "progress") return;
          // A thread carries its orders out one after the other.
          onFinished?.(given.shift() as Order);
          progress = count.within();
          give();
          if (--unfinished === 0) resolve();
        };
        worker.on("message", (report: ThreadReport) => {
          try {
            hear(report);
          } catch (error) {
            reject(error);
          }
        });
        worker.on("error", reject);
        worker.on("exit", (code) => reject(new Error(`a thread ended early, with exit code ${code}`)));
        for (let ahead = 0; ahead < ORDERS_AHEAD; ahead++) give();
      }
      if (unfinished === 0) resolve();
    });
  } finally {
    if (giveUp !== undefined) signal?.removeEventListener("abort", giveUp);
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}
