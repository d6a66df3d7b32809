import { formatBytes, formatSeconds, plural } from "@ozx/core";
import { explainError } from "../open/explain-error.js";
import type { TransferSummary } from "../work/messages.js";
import type { TaskState } from "../work/task-runner.js";

interface OutcomeProps {
  readonly state: TaskState<TransferSummary>;
  /** What went wrong before anything was started. */
  readonly failure: unknown;
  /** What has been done, as in `Saved`. */
  readonly done: string;
}

/** How a transfer ended. */
export function Outcome({ state, failure, done }: OutcomeProps) {
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
