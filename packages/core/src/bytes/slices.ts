import { createThrottle } from "./concurrency.js";
import type { ReadOptions } from "./source-and-sink.js";

/** Reading the clock costs as much as a small step. */
const STEPS = 256;

/**
 * Calls back for each item, in slices of some milliseconds. Between them the event loop runs, so that signals and timers
 * are not kept waiting by a million items, and the call can be aborted.
 */
export async function forEachInSlices<T>(
  items: Iterable<T>,
  visit: (item: T) => void,
  options?: ReadOptions,
): Promise<void> {
  const pause = createThrottle(options);
  let steps = 0;
  for (const item of items) {
    visit(item);
    if (++steps % STEPS !== 0) continue;
    const paused = pause();
    if (paused === undefined) continue;
    await paused;
  }
}

/**
 * Sorts a list in slices, as {@link forEachInSlices} visits it; the order of equal items stays.
 *
 * @returns a new list
 */
export async function sortInSlices<T>(
  items: readonly T[],
  compare: (one: T, other: T) => number,
  options?: ReadOptions,
): Promise<T[]> {
  let runs: T[][] = [];
  for (let from = 0; from < items.length; from += RUN) runs.push(items.slice(from, from + RUN));
  await forEachInSlices(runs, (run) => void run.sort(compare), options);
  while (runs.length > 1) {
    const merged: T[][] = [];
    for (let k = 0; k < runs.length; k += 2) {
      merged.push(await mergeRuns(runs[k] ?? [], runs[k + 1] ?? [], compare, options));
    }
    runs = merged;
  }
  return runs[0] ?? [];
}

/** Sorting so many items takes about a millisecond. */
const RUN = 4096;

async function mergeRuns<T>(
  left: readonly T[],
  right: readonly T[],
  compare: (one: T, other: T) => number,
  options?: ReadOptions,
): Promise<T[]> {
  const merged: T[] = [];
  let at = 0;
  const put = (item: T): void => {
    while (at < right.length && compare(item, right[at] as T) > 0) merged.push(right[at++] as T);
    merged.push(item);
  };
  await forEachInSlices(left, put, options);
  await forEachInSlices(right.slice(at), (item) => void merged.push(item), options);
  return merged;
}
