import { formatBytes, formatSeconds, plural } from "@ozx/core/internal";
import type { ReactNode } from "react";
import { explainError } from "../open/explain-error.js";
import type { TaskProgress, TransferSummary } from "./messages.js";
import "./task-status.css";
import type { TaskState } from "./tasks.js";

interface ProgressBarProps {
  /** The activity, as in `Saving`. */
  readonly verb: string;
  readonly progress: TaskProgress | undefined;
  /** When the task started, by `performance.now()`. */
  readonly since: number;
  onCancel(): void;
}

/** A progress bar with the time left and a button to cancel. */
export function ProgressBar({ verb, progress, since, onCancel }: ProgressBarProps) {
  const { done = 0, all = 0 } = progress ?? {};
  const seconds = (performance.now() - since) / 1000;
  return (
    <div className="task-progress">
      <progress aria-label={verb} {...(all > 0 && { max: all, value: Math.min(done, all) })} />
      <span className="numbers">{describeProgress(verb, done, all, seconds)}</span>
      <button type="button" onClick={onCancel}>
        Cancel
      </button>
    </div>
  );
}

function describeProgress(verb: string, done: number, all: number, seconds: number): string {
  if (all === 0) return done === 0 ? `${verb} …` : `${verb}, ${formatBytes(done)}`;
  const part = Math.min(1, done / all);
  const texts = [`${verb}, ${Math.floor(part * 100)} %`, `${formatBytes(done)} of ${formatBytes(all)}`];
  // In the first second an estimate would be too far off.
  if (seconds > 1 && part > 0) texts.push(`${formatSeconds((seconds / part) * (1 - part))} left`);
  return texts.join(" · ");
}

interface TaskOutcomeProps {
  readonly state: TaskState<TransferSummary>;
  /** An error from before the task started. */
  readonly failure: unknown;
  /** The label of a finished task, as in `Saved`. */
  readonly done: string;
}

/** How a transfer ended; nothing while it has not. */
export function TaskOutcome({ state, failure, done }: TaskOutcomeProps) {
  return (
    <TaskEnd state={state} failure={failure}>
      {(result, seconds) => {
        const version = result.from === result.to ? result.from : `${result.from} → ${result.to}`;
        const entries = plural(result.entries, "entry", "entries");
        return (
          <>
            <p>
              <strong>
                {done} {result.name}
              </strong>
              : OME-Zarr {version}, {entries}, {formatBytes(result.bytes)}, {formatSeconds(seconds)}.
            </p>
            {result.findings.map(({ rule, where, message }) => (
              <p key={`${rule} ${where}`} className="soft">
                {message}
              </p>
            ))}
          </>
        );
      }}
    </TaskEnd>
  );
}

interface TaskEndProps<Result> extends Pick<TaskOutcomeProps, "failure"> {
  readonly state: TaskState<Result>;
  /** What is said of a task that is done. */
  children(result: Result, seconds: number): ReactNode;
}

/** How a task that writes ended; nothing while it has not. */
export function TaskEnd<Result>({ state, failure, children }: TaskEndProps<Result>) {
  const error = failure ?? (state.status === "failed" ? state.error : undefined);
  if (error !== undefined) {
    const { title, message } = explainError(error);
    return (
      <p role="alert" className="outcome failed-outcome">
        <strong>{title}.</strong> {message}
      </p>
    );
  }
  if (state.status === "cancelled") {
    return (
      <p role="status" className="outcome">
        Cancelled; nothing was saved.
      </p>
    );
  }
  if (state.status !== "done") return null;
  return (
    <div role="status" className="outcome">
      {children(state.result, state.seconds)}
    </div>
  );
}
