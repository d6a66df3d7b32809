import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parentPort, type Worker } from "node:worker_threads";
import { type PackedError, packError, reasonOf, UnreadableError, unpackError } from "../../errors.js";
import { type EntryInput, type Progress, progressCounter, type WriteOptions } from "../../store/target.js";
import { announceZlibCalls, EndingThread } from "./ending-thread.js";

/** How many tasks a thread has at a time, so that it never waits for the next one. */
const TASKS_AHEAD = 2;

/** A thread's message about its current task: how much is done, that all of it is, or why it failed. */
type TaskMessage =
  | { readonly kind: "progress" | "finished"; readonly done: Progress }
  | { readonly kind: "failed"; readonly error: PackedError };

/** Tasks for several threads; see {@link distributeTasks}. */
export interface DistributedTasks<Task> {
  /** The file that a thread runs, which calls {@link runTasks}. */
  readonly thread: URL;
  /** The `workerData` of each thread. */
  readonly workerData: unknown;
  /** The number of threads. */
  readonly threads: number;
  /** Plain data; the next one is taken when a thread is ready for it. */
  readonly tasks: Iterable<Task>;
  /** Called when a task is done. */
  readonly onFinished?: ((task: Task) => void) | undefined;
}

/** Whether the file of a thread exists: it is built, so there is none where the source itself is run. */
export function canStart(thread: URL): boolean {
  return existsSync(thread);
}

/** The events of a thread of {@link startThread}. */
export interface ThreadEvents<Message> {
  onMessage(message: Message): void;
  /**
   * Called when the thread fails, cannot load its file, does not say that it is ready, or ends; perhaps more than once.
   * UnreadableError names the file.
   */
  onEnd(error: UnreadableError): void;
}

/** The first message of a thread. */
const READY = "ready";

/** Says that this thread has loaded its file: without it, {@link startThread} gives it up. */
export function announceReady(): void {
  announceZlibCalls();
  parentPort?.postMessage(READY);
}

/** Within so many milliseconds a thread says that it is ready, on a busy computer too. */
const READY_WITHIN = 30_000;
/** What is in the queue of this thread when that time is over is looked at first. */
const LAST_LOOK = 1_000;

/**
 * Starts the file of a thread, which calls {@link announceReady}.
 *
 * @param readyWithin in milliseconds
 */
export function startThread<Message>(
  thread: URL,
  workerData: unknown,
  { onMessage, onEnd }: ThreadEvents<Message>,
  readyWithin: number = READY_WITHIN,
): Worker {
  // Without the flags of this process, such as export conditions: the built file needs none.
  const worker = new EndingThread(thread, { workerData, execArgv: [] });
  const giveUp = (): void => {
    onEnd(threadEnded(thread, `not ready within ${readyWithin / 1000} s`));
    worker.terminate();
  };
  let timer = setTimeout(() => {
    timer = setTimeout(giveUp, LAST_LOOK).unref();
  }, readyWithin).unref();
  worker.on("message", (message: Message | typeof READY) => {
    clearTimeout(timer);
    if (message !== READY) onMessage(message);
  });
  worker.on("error", (cause) => {
    clearTimeout(timer);
    onEnd(threadEnded(thread, reasonOf(cause), cause));
  });
  worker.on("exit", (code) => {
    clearTimeout(timer);
    onEnd(threadEnded(thread, `exit code ${code}`));
  });
  return worker;
}

function threadEnded(thread: URL, reason: string, cause?: unknown): UnreadableError {
  const location = fileURLToPath(thread);
  return new UnreadableError(
    `the thread of ${location} ended early (${reason}): run this again, with fewer threads if memory is short, or install ozx again if the file is damaged`,
    { location },
    { cause },
  );
}

/**
 * Runs tasks in several threads of this process. All threads have ended when this returns or throws.
 *
 * @throws what the first failing task throws, and the signal's reason
 * @throws UnreadableError where a thread cannot be started, or ends
 */
export async function distributeTasks<Task>(
  { thread, workerData, threads, tasks, onFinished }: DistributedTasks<Task>,
  options: WriteOptions = {},
): Promise<void> {
  const { signal } = options;
  signal?.throwIfAborted();
  const waiting = tasks[Symbol.iterator]();
  const count = progressCounter(options);
  const workers: Worker[] = [];
  let onAbort: (() => void) | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      const receivers: ((message: TaskMessage) => void)[] = [];
      for (let k = 0; k < threads; k++) {
        const onMessage = (message: TaskMessage): void => receivers[k]?.(message);
        workers.push(startThread(thread, workerData, { onMessage, onEnd: reject }));
      }
      onAbort = () => reject(signal?.reason);
      signal?.addEventListener("abort", onAbort, { once: true });
      let unfinished = 0;
      for (const worker of workers) {
        const sent: Task[] = [];
        const sendNext = (): void => {
          const { value: task, done } = waiting.next();
          if (done) return;
          sent.push(task);
          unfinished++;
          worker.postMessage(task);
        };
        let progress = count.within();
        const receive = (message: TaskMessage): void => {
          if (message.kind === "failed") throw unpackError(message.error);
          progress(message.done);
          if (message.kind === "progress") return;
          // A thread runs its tasks one after the other, in order.
          onFinished?.(sent.shift() as Task);
          progress = count.within();
          sendNext();
          if (--unfinished === 0) resolve();
        };
        receivers.push((message) => {
          try {
            receive(message);
          } catch (error) {
            reject(error);
          }
        });
        for (let ahead = 0; ahead < TASKS_AHEAD; ahead++) sendNext();
      }
      if (unfinished === 0) resolve();
    });
  } finally {
    if (onAbort !== undefined) signal?.removeEventListener("abort", onAbort);
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

/** Milliseconds between two messages about progress. */
const PROGRESS_INTERVAL = 50;

/**
 * Runs the tasks that {@link distributeTasks} sends to this thread, one after the other, until the thread is terminated.
 *
 * @param run carries out one task
 */
export function runTasks<Task>(
  run: (task: Task, onProgress: (done: Progress) => void) => Promise<void>,
): void {
  let reported = performance.now();
  let finished = Promise.resolve();
  const runAndReport = async (task: Task): Promise<void> => {
    let done: Progress = { entries: 0, bytes: 0 };
    await run(task, (now) => {
      done = now;
      if (performance.now() - reported < PROGRESS_INTERVAL) return;
      reported = performance.now();
      report({ kind: "progress", done });
    });
    report({ kind: "finished", done });
  };
  announceReady();
  parentPort?.on("message", (task: Task) => {
    finished = finished
      .then(() => runAndReport(task))
      .catch((error: unknown) => report({ kind: "failed", error: packError(error) }));
  });
}

function report(message: TaskMessage): void {
  parentPort?.postMessage(message);
}

/** Entries as columns, which `postMessage` copies faster than objects. */
export interface PackedEntries {
  readonly keys: readonly EntryInput["key"][];
  readonly sizes: Float64Array;
  /** Undefined where the content of each entry is the source's value of the same key. */
  readonly contents: readonly EntryInput["content"][] | undefined;
}

/** Converts entries for `postMessage`; {@link unpackEntries} restores them on the other side. */
export function packEntries(entries: readonly EntryInput[]): PackedEntries {
  const isCopy = entries.every(({ key, content }) => content === key);
  return {
    keys: entries.map(({ key }) => key),
    sizes: Float64Array.from(entries, ({ size }) => size),
    contents: isCopy ? undefined : entries.map(({ content }) => content),
  };
}

/** Restores entries that {@link packEntries} converted. */
export function unpackEntries({ keys, sizes, contents }: PackedEntries): EntryInput[] {
  return keys.map((key, index) => ({
    key,
    size: sizes[index] as number,
    content: contents?.[index] ?? key,
  }));
}
