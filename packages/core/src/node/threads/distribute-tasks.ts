import { existsSync } from "node:fs";
import { parentPort, Worker } from "node:worker_threads";
import { type PackedError, packError, unpackError } from "../../errors.js";
import { type EntryInput, type Progress, progressCounter, type WriteOptions } from "../../store/target.js";

/** Orders that a thread has at a time, so that the next one is there when one is carried out. */
const TASKS_AHEAD = 2;

/** What a thread says: how much of its order is done, that all of it is, or why it cannot be. */
export type TaskMessage =
  | { readonly kind: "progress" | "finished"; readonly done: Progress }
  | { readonly kind: "failed"; readonly error: PackedError };

/** Work that threads share; see {@link distributeTasks}. */
export interface DistributedTasks<Order> {
  /** The file that a thread runs, which calls `takeOrders`. */
  readonly thread: URL;
  /** What each is started with. */
  readonly workerData: unknown;
  /** How many. */
  readonly threads: number;
  /** Each is asked for when a thread is ready for it. */
  readonly tasks: Iterable<Order>;
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
export async function distributeTasks<Order>(
  { thread, workerData, threads, tasks: orders, onFinished }: DistributedTasks<Order>,
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
        const hear = (report: TaskMessage): void => {
          if (report.kind === "failed") throw unpackError(report.error);
          progress(report.done);
          if (report.kind === "progress") return;
          // A thread carries its orders out one after the other.
          onFinished?.(given.shift() as Order);
          progress = count.within();
          give();
          if (--unfinished === 0) resolve();
        };
        worker.on("message", (report: TaskMessage) => {
          try {
            hear(report);
          } catch (error) {
            reject(error);
          }
        });
        worker.on("error", reject);
        worker.on("exit", (code) => reject(new Error(`a thread ended early, with exit code ${code}`)));
        for (let ahead = 0; ahead < TASKS_AHEAD; ahead++) give();
      }
      if (unfinished === 0) resolve();
    });
  } finally {
    if (giveUp !== undefined) signal?.removeEventListener("abort", giveUp);
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

/** Milliseconds between two reports of progress. */
const REPORT_INTERVAL = 50;

/**
 * What a thread does that `shareOut` has started: it carries out one order after the other, and ends by being
 * terminated.
 */
export function runTasks<Order>(
  carryOut: (order: Order, onProgress: (done: Progress) => void) => Promise<void>,
): void {
  let reported = performance.now();
  let finished = Promise.resolve();
  const carry = async (order: Order): Promise<void> => {
    let done: Progress = { entries: 0, bytes: 0 };
    await carryOut(order, (now) => {
      done = now;
      if (performance.now() - reported < REPORT_INTERVAL) return;
      reported = performance.now();
      report({ kind: "progress", done });
    });
    report({ kind: "finished", done });
  };
  parentPort?.on("message", (order: Order) => {
    finished = finished
      .then(() => carry(order))
      .catch((error: unknown) => report({ kind: "failed", error: packError(error) }));
  });
}

function report(message: TaskMessage): void {
  parentPort?.postMessage(message);
}

/** Entries on their way to another thread: in columns, which travel faster than objects. */
export interface PackedEntries {
  readonly keys: readonly EntryInput["key"][];
  readonly sizes: Float64Array;
  /** Where the bytes come from; undefined where it is each time the value of the same key. */
  readonly contents: readonly EntryInput["content"][] | undefined;
}

export function packEntries(entries: readonly EntryInput[]): PackedEntries {
  const asTheyAre = entries.every(({ key, content }) => content === key);
  return {
    keys: entries.map(({ key }) => key),
    sizes: Float64Array.from(entries, ({ size }) => size),
    contents: asTheyAre ? undefined : entries.map(({ content }) => content),
  };
}

export function unpackEntries({ keys, sizes, contents }: PackedEntries): EntryInput[] {
  return keys.map((key, index) => ({
    key,
    size: sizes[index] as number,
    content: contents?.[index] ?? key,
  }));
}
