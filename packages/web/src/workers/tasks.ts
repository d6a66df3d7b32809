import { useEffect, useSyncExternalStore } from "react";
import type { Session } from "../open/session.js";
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

/** Where a task stands. */
export type TaskState<Result> =
  | { readonly status: "idle" }
  | { readonly status: "running"; readonly progress: TaskProgress | undefined; readonly since: number }
  | { readonly status: "done"; readonly result: Result; readonly seconds: number }
  | { readonly status: "failed"; readonly error: unknown }
  | { readonly status: "cancelled" };

/** Runs tasks of one kind for one source, one at a time. It goes on while other sections of the page are shown. */
export interface TaskRunner<Kind extends TaskKind> {
  state(): TaskState<TaskResults[Kind]>;
  /** The last result, also while another task runs. */
  last(): TaskResults[Kind] | undefined;
  subscribe(listener: () => void): () => void;
  /** Starts a task, in the place of one that is running. Undefined when it failed or was cancelled. */
  start(task: TaskOf<Kind>): Promise<TaskResults[Kind] | undefined>;
  cancel(): void;
}

type Runners = { [Kind in TaskKind]: TaskRunner<Kind> };

const runners = new WeakMap<SourceInput, Runners>();

/** The runner for tasks of this kind on this source. */
export function runnerFor<Kind extends TaskKind>(source: SourceInput, kind: Kind): Runners[Kind] {
  const known = runners.get(source);
  if (known !== undefined) return known[kind];
  const made: Runners = { validate: createRunner(), save: createRunner(), extract: createRunner() };
  runners.set(source, made);
  return made[kind];
}

/** Ends all that is running for a source that is left. */
export function cancelTasks(source: SourceInput): void {
  for (const runner of Object.values(runners.get(source) ?? {})) runner.cancel();
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
      const tell = (next: TaskState<TaskResults[Kind]>): void => {
        if (running !== controller) return;
        state = next;
        for (const listener of listeners) listener();
      };
      tell({ status: "running", progress: undefined, since });
      const letGo = task.kind === "validate" ? undefined : askBeforeLeaving();
      try {
        const result = await runTask(task, {
          signal: controller.signal,
          onProgress: (progress) => tell({ status: "running", progress, since }),
        });
        last = result;
        tell({ status: "done", result, seconds: (performance.now() - since) / 1000 });
        return result;
      } catch (error) {
        tell(controller.signal.aborted ? { status: "cancelled" } : { status: "failed", error });
        return undefined;
      } finally {
        letGo?.();
      }
    },
    cancel: () => running?.abort(),
  };
}

/** Has the browser ask before the page is left, which would end what is being written. */
function askBeforeLeaving(): () => void {
  const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
  window.addEventListener("beforeunload", ask);
  return () => window.removeEventListener("beforeunload", ask);
}

export interface TaskOptions {
  readonly signal: AbortSignal;
  readonly onProgress?: ((progress: TaskProgress) => void) | undefined;
}

/**
 * Runs a task in a worker of its own. Once the signal is aborted the worker cleans up, and the task rejects with
 * the signal's reason when it has.
 */
export function runTask<Kind extends TaskKind>(
  task: TaskOf<Kind>,
  { signal, onProgress }: TaskOptions,
): Promise<TaskResults[Kind]> {
  signal.throwIfAborted();
  const worker = startWorker(task.kind);
  const send = (message: ToWorker): void => worker.postMessage(message);
  const cancel = (): void => send({ type: "cancel" });
  signal.addEventListener("abort", cancel);
  const ended = new Promise<TaskResults[Kind]>((resolve, reject) => {
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
  return ended.finally(() => {
    signal.removeEventListener("abort", cancel);
    worker.terminate();
  });
}

/** An error of the other thread as one of this: `isOzxError` knows it by its tag. */
function fromSentError({ message, tag }: SentError): Error {
  return Object.assign(new Error(message), tag === undefined ? {} : { _tag: tag });
}

export interface TaskControl<Kind extends TaskKind> extends Pick<TaskRunner<Kind>, "start" | "cancel"> {
  readonly state: TaskState<TaskResults[Kind]>;
  /** The last result, also while another task runs. */
  readonly last: TaskResults[Kind] | undefined;
}

/** Where the task of this kind on this source stands, and how to start and stop it. */
export function useTask<Kind extends TaskKind>(source: SourceInput, kind: Kind): TaskControl<Kind> {
  const runner: TaskRunner<Kind> = runnerFor(source, kind);
  const state = useSyncExternalStore(runner.subscribe, runner.state);
  return { state, last: runner.last(), start: runner.start, cancel: runner.cancel };
}

/** Ends what is running for a source once another one is opened in its place; not when a section is left. */
export function useTasksOf(session: Session): void {
  const source = sourceOf(session);
  useEffect(() => {
    return () => {
      if (source !== undefined) cancelTasks(source);
    };
  }, [source]);
}

function sourceOf(session: Session) {
  if (session.status === "open") return session.opened.source;
  if (session.status === "opening") return session.source;
  return session.status === "failed" ? session.failed.source : undefined;
}
