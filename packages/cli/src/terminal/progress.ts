import type { Progress } from "@ozx/core/container";
import { formatBytes, formatSeconds } from "@ozx/core/internal";
import { clip } from "./text-layout.js";

export interface ProgressTotals {
  /** The activity, as in `Packing`. */
  readonly verb: string;
  readonly bytes: number;
}

/** A stream that progress is written to, such as `process.stderr`. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export interface ProgressReporter {
  /** Sets what an earlier run did: the bar starts there, and rates count from there. */
  startAt(done: Progress): void;
  update(done: Progress): void;
  /** Removes the bar; call it whether the work succeeds or fails. */
  clear(): void;
}

/**
 * Reports progress: on a terminal as a bar that is redrawn ten times a second, in a log as a line for each tenth of the
 * work, at most every two seconds and at least every thirty.
 */
export function createProgress(
  stream: ProgressStream,
  totals: ProgressTotals,
  now: () => number = () => performance.now(),
): ProgressReporter {
  return stream.isTTY ? progressBar(stream, totals, now) : progressLog(stream, totals, now);
}

const REDRAW = 100;
const LINE_LEAST = 2_000;
const LINE_MOST = 30_000;

function progressBar(stream: ProgressStream, totals: ProgressTotals, now: () => number): ProgressReporter {
  let started = now();
  let before = 0;
  let drawn = Number.NEGATIVE_INFINITY;
  let visible = false;
  return {
    startAt({ bytes }) {
      started = now();
      before = bytes;
    },
    update(done) {
      const time = now();
      if (time - drawn < REDRAW) return;
      drawn = time;
      visible = true;
      const parts = describe(totals, done, { bytes: done.bytes - before, seconds: (time - started) / 1000 });
      const columns = stream.columns || 80;
      // A line that is broken could not be drawn over; the last column is left to the cursor.
      const text = fitting(parts, columns - 1);
      const barWidth = Math.max(0, Math.min(30, columns - text.length - 4));
      stream.write(`\r${bar(fraction(totals, done), barWidth)}${text}\u001b[K`);
    },
    clear() {
      if (visible) stream.write("\r\u001b[K");
      visible = false;
    },
  };
}

function progressLog(stream: ProgressStream, totals: ProgressTotals, now: () => number): ProgressReporter {
  let started = now();
  let before = 0;
  let logged = started;
  let tenth = 0;
  return {
    startAt(done) {
      started = now();
      before = done.bytes;
      tenth = Math.floor(fraction(totals, done) * 10);
    },
    update(done) {
      const time = now();
      const reached = Math.floor(fraction(totals, done) * 10);
      const due = reached > tenth ? LINE_LEAST : LINE_MOST;
      if (time - logged < due) return;
      logged = time;
      tenth = reached;
      const since = { bytes: done.bytes - before, seconds: (time - started) / 1000 };
      stream.write(`${describe(totals, done, since).join("  ")}\n`);
    },
    clear() {},
  };
}

/** As many of the first parts as fit on a line. */
function fitting(parts: readonly string[], width: number): string {
  for (let count = parts.length; count > 1; count--) {
    const text = parts.slice(0, count).join("  ");
    if (text.length <= width) return text;
  }
  return clip(parts[0] ?? "", width);
}

function fraction(totals: ProgressTotals, done: Progress): number {
  return totals.bytes === 0 ? 1 : Math.min(1, done.bytes / totals.bytes);
}

function bar(part: number, width: number): string {
  if (width < 8) return "";
  const full = Math.round(part * width);
  const [on, off] = canDraw() ? ["█", "░"] : ["#", "."];
  return `${on.repeat(full)}${off.repeat(width - full)} `;
}

/** Block characters crash or garble consoles that are not UTF-8. */
function canDraw(): boolean {
  if (process.env["TERM"] === "dumb") return false;
  if (process.platform === "win32") return process.env["WT_SESSION"] !== undefined;
  const locale = process.env["LC_ALL"] || process.env["LC_CTYPE"] || process.env["LANG"] || "";
  return /utf-?8/i.test(locale);
}

/**
 * The parts of a line, the most important ones first.
 *
 * @param since what this run did, and in what time
 */
function describe(
  totals: ProgressTotals,
  done: Progress,
  { bytes, seconds }: { readonly bytes: number; readonly seconds: number },
): string[] {
  const part = fraction(totals, done);
  const rate = seconds > 0 ? bytes / seconds : 0;
  // Negative when the total was an estimate that was too low: then the remaining time is unknown.
  const left = totals.bytes - done.bytes;
  const parts = [
    `${totals.verb} ${Math.floor(part * 100)} %`,
    left < 0 ? formatBytes(done.bytes) : `${formatBytes(done.bytes)} of ${formatBytes(totals.bytes)}`,
    `${formatBytes(rate)}/s`,
  ];
  // The first second says little about the rest.
  if (seconds > 1 && rate > 0 && left >= 0) parts.push(`${formatSeconds(left / rate)} left`);
  return parts;
}
