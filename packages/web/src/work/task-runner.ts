import type { SourceInput } from "../open/opened-source.js";
import type { TaskKind, TaskOf, TaskProgress, TaskResults } from "./messages.js";
import { runTask } from "./run-task.js";

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
      const letGo = task.kind === "validate" ? undefined : holdPage();
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
function holdPage(): () => void {
  const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
  window.addEventListener("beforeunload", ask);
  return () => window.removeEventListener("beforeunload", ask);
}
