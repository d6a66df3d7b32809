import { formatBytes, formatSeconds, plural } from "@ozx/core";
import type { TaskProgress, TransferSummary } from "./messages.js";
import "./task-status.css";
import { explainError } from "../open/explain-error.js";
import type { TaskState } from "./tasks.js";

interface ProgressBarProps {
  /** What is being done, as in `Saving`. */
  readonly verb: string;
  readonly progress: TaskProgress | undefined;
  /** When it began, by `performance.now()`. */
  readonly since: number;
  onCancel(): void;
}

/** How far something has come, with a way to stop it. */
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
  // The first second says little about the rest.
  if (seconds > 1 && part > 0) texts.push(`${formatSeconds((seconds / part) * (1 - part))} left`);
  return texts.join(" · ");
}

interface TaskOutcomeProps {
  readonly state: TaskState<TransferSummary>;
  /** What went wrong before anything was started. */
  readonly failure: unknown;
  /** What has been done, as in `Saved`. */
  readonly done: string;
}

/** How a transfer ended. */
export function TaskOutcome({ state, failure, done }: TaskOutcomeProps) {
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
        Cancelled; nothing was kept.
      </p>
    );
  }
  if (state.status !== "done") return null;
  const { result, seconds } = state;
  const version = result.from === result.to ? result.from : `${result.from} → ${result.to}`;
  return (
    <div role="status" className="outcome">
      <p>
        <strong>
          {done} {result.name}
        </strong>
        : OME-Zarr {version}, {plural(result.entries, "entry", "entries")}, {formatBytes(result.bytes)},{" "}
        {formatSeconds(seconds)}.
      </p>
      {result.findings.map(({ rule, where, message }) => (
        <p key={`${rule} ${where}`} className="soft">
          {message}
        </p>
      ))}
    </div>
  );
}
