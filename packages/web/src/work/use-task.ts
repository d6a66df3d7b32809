import { useCallback, useEffect, useRef, useState } from "react";
import type { ResultOf, Task, TaskProgress } from "./messages.js";
import { runTask } from "./run-task.js";

/** Where a task stands. */
export type TaskState<Result> =
  | { readonly status: "idle" }
  | { readonly status: "running"; readonly progress: TaskProgress | undefined; readonly since: number }
  | { readonly status: "done"; readonly result: Result; readonly seconds: number }
  | { readonly status: "failed"; readonly error: unknown }
  | { readonly status: "cancelled" };

export interface TaskControl<T extends Task> {
  readonly state: TaskState<ResultOf<T>>;
  /** Starts a task, in the place of one that is running. Undefined when it failed or was cancelled. */
  start(task: T): Promise<ResultOf<T> | undefined>;
  cancel(): void;
}

/** Runs one task at a time, and cancels it when the section is left for another file. */
export function useTask<T extends Task>(): TaskControl<T> {
  const [state, setState] = useState<TaskState<ResultOf<T>>>({ status: "idle" });
  const running = useRef<AbortController>(undefined);

  const start = useCallback(async (task: T): Promise<ResultOf<T> | undefined> => {
    running.current?.abort();
    const controller = new AbortController();
    running.current = controller;
    const since = performance.now();
    const tell = (next: TaskState<ResultOf<T>>): void => {
      if (running.current === controller) setState(next);
    };
    tell({ status: "running", progress: undefined, since });
    try {
      const result = await runTask(task, {
        signal: controller.signal,
        onProgress: (progress) => tell({ status: "running", progress, since }),
      });
      tell({ status: "done", result, seconds: (performance.now() - since) / 1000 });
      return result;
    } catch (error) {
      tell(controller.signal.aborted ? { status: "cancelled" } : { status: "failed", error });
      return undefined;
    }
  }, []);

  const cancel = useCallback(() => running.current?.abort(), []);

  useEffect(() => {
    return () => {
      running.current?.abort();
      running.current = undefined;
    };
  }, []);

  return { state, start, cancel };
}
