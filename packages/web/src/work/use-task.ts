import { useSyncExternalStore } from "react";
import type { SourceInput } from "../open/opened-source.js";
import type { TaskKind, TaskResults } from "./messages.js";
import { runnerFor, type TaskRunner, type TaskState } from "./task-runner.js";

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
