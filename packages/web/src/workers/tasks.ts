import { useEffect, useSyncExternalStore } from "react";
import type { SourceInput } from "../open/source-input.js";
import { startWorker } from "./decode-workers.js";
import type {
  FromWorker,
  SentError,
  TaskKind,
  TaskOf,
  TaskProgress,
  TaskResults,
  ToWorker,
} from "./messages.js";

/** The state of a task. `since` is a time of `performance.now()`, `seconds` how long it took. */
export type TaskState<Result> =
  | { readonly status: "idle" }
  | { readonly status: "running"; readonly progress: TaskProgress | undefined; readonly since: number }
  | { readonly status: "done"; readonly result: Result; readonly seconds: number }
  | { readonly status: "failed"; readonly error: unknown }
  | { readonly status: "cancelled" };

/** Runs tasks of one kind for one source, one at a time. They continue while other sections of the page are shown. */
interface TaskRunner<Kind extends TaskKind> {
  state(): TaskState<TaskResults[Kind]>;
  /** The last result, also while another task is running. */
  last(): TaskResults[Kind] | undefined;
  subscribe(listener: () => void): () => void;
  /** Starts a task and cancels the one that is running. Resolves to undefined where it fails or is cancelled. */
  start(task: TaskOf<Kind>): Promise<TaskResults[Kind] | undefined>;
  cancel(): void;
}

type Runners = { [Kind in TaskKind]: TaskRunner<Kind> };

const runners = new WeakMap<SourceInput, Runners>();

/** The runner for tasks of this kind on this source. */
function runnerFor<Kind extends TaskKind>(source: SourceInput, kind: Kind): Runners[Kind] {
  const known = runners.get(source);
  if (known !== undefined) return known[kind];
  const created: Runners = {
    validate: createRunner(),
    save: createRunner(),
    tiff: createRunner(),
    extract: createRunner(),
  };
  runners.set(source, created);
  return created[kind];
}

function createRunner<Kind extends TaskKind>(): TaskRunner<Kind> {
  let state: TaskState<TaskResults[Kind]> = { status: "idle" };
  let last: TaskResults[Kind] | undefined;
  let running: AbortController | undefined;
  const listeners = new Set<() => void>();
  return {
    state: () => state,
    last: () => last,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async start(task) {
      running?.abort();
      const controller = new AbortController();
      running = controller;
      const since = performance.now();
      const report = (next: TaskState<TaskResults[Kind]>): void => {
        if (running !== controller) return;
        state = next;
        for (const listener of listeners) listener();
      };
      report({ status: "running", progress: undefined, since });
      const stopAsking = task.kind === "validate" ? undefined : askBeforeLeaving();
      try {
        const result = await runTask(task, {
          signal: controller.signal,
          onProgress: (progress) => report({ status: "running", progress, since }),
        });
        last = result;
        report({ status: "done", result, seconds: (performance.now() - since) / 1000 });
        return result;
      } catch (error) {
        report(controller.signal.aborted ? { status: "cancelled" } : { status: "failed", error });
        return undefined;
      } finally {
        stopAsking?.();
      }
    },
    cancel: () => running?.abort(),
  };
}

/** Makes the browser ask before it leaves the page, which would end a task that writes. Returns a function that stops it. */
function askBeforeLeaving(): () => void {
  const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
  window.addEventListener("beforeunload", ask);
  return () => window.removeEventListener("beforeunload", ask);
}

interface TaskOptions {
  readonly signal: AbortSignal;
  readonly onProgress?: ((progress: TaskProgress) => void) | undefined;
}

/**
 * Runs a task in a worker of its own. When the signal is aborted, the worker cleans up before the promise rejects with
 * the signal's reason.
 */
function runTask<Kind extends TaskKind>(
  task: TaskOf<Kind>,
  { signal, onProgress }: TaskOptions,
): Promise<TaskResults[Kind]> {
  signal.throwIfAborted();
  const worker = startWorker(task.kind);
  const send = (message: ToWorker): void => worker.postMessage(message);
  const cancel = (): void => send({ type: "cancel" });
  signal.addEventListener("abort", cancel);
  const finished = new Promise<TaskResults[Kind]>((resolve, reject) => {
    worker.addEventListener("message", ({ data }: MessageEvent<FromWorker>) => {
      if (data.type === "progress") onProgress?.(data.progress);
      else if (data.type === "done") resolve(data.result as TaskResults[Kind]);
      else reject(signal.aborted ? signal.reason : fromSentError(data.error));
    });
    worker.addEventListener("error", (event) => {
      reject(new Error(event.message || "The page's worker could not be loaded"));
    });
  });
  send({ type: "start", task });
  return finished.finally(() => {
    signal.removeEventListener("abort", cancel);
    worker.terminate();
  });
}

/** An error from another thread. `isOzxError` recognizes it by its tag. */
function fromSentError({ message, tag }: SentError): Error {
  return Object.assign(new Error(message), tag === undefined ? {} : { _tag: tag });
}

interface TaskControl<Kind extends TaskKind> extends Pick<TaskRunner<Kind>, "start" | "cancel"> {
  readonly state: TaskState<TaskResults[Kind]>;
  /** The last result, also while another task is running. */
  readonly last: TaskResults[Kind] | undefined;
}

/** The state of this kind of task on this source, and functions to start and cancel it. */
export function useTask<Kind extends TaskKind>(source: SourceInput, kind: Kind): TaskControl<Kind> {
  const runner: TaskRunner<Kind> = runnerFor(source, kind);
  const state = useSyncExternalStore(runner.subscribe, runner.state);
  return { state, last: runner.last(), start: runner.start, cancel: runner.cancel };
}

/** Cancels the tasks of a source when another one is opened in its place, but not when a section is left. */
export function useTasksOf(source: SourceInput | undefined): void {
  useEffect(() => {
    return () => {
      const ofSource = source === undefined ? undefined : runners.get(source);
      for (const runner of Object.values(ofSource ?? {})) runner.cancel();
    };
  }, [source]);
}
