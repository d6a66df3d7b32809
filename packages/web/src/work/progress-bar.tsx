import { formatBytes, formatSeconds } from "@ozx/core";
import type { TaskProgress } from "./messages.js";
import "./progress-bar.css";

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
      <span className="numbers">{describe(verb, done, all, seconds)}</span>
      <button type="button" onClick={onCancel}>
        Cancel
      </button>
    </div>
  );
}

function describe(verb: string, done: number, all: number, seconds: number): string {
  if (all === 0) return done === 0 ? `${verb} …` : `${verb}, ${formatBytes(done)}`;
  const part = Math.min(1, done / all);
  const texts = [`${verb}, ${Math.floor(part * 100)} %`, `${formatBytes(done)} of ${formatBytes(all)}`];
  // The first second says little about the rest.
  if (seconds > 1 && part > 0) texts.push(`${formatSeconds((seconds / part) * (1 - part))} left`);
  return texts.join(" · ");
}
