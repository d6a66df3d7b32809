import type { ZipLayout } from "./layout.js";
import type { RunRange } from "./write-entries.js";

/**
 * What an entry costs besides its bytes (opening, closing, a header), as bytes that are copied in the same time.
 */
const ENTRY_COST = 32 * 1024;
/** Large enough that handing a run on costs nothing beside writing it. */
const LEAST = 2 * 1024 * 1024;
/** Small enough that threads end at about the same time, and that not much is lost when one does not. */
const MOST = 128 * 1024 * 1024;
const RUNS = 64;

/** How much work the entries of a layout are, in bytes that are copied in the same time. */
export function workOf({ count, sizes }: ZipLayout): number {
  return sizes.reduce((sum, size) => sum + size, count * ENTRY_COST);
}

/** Splits a layout into runs of about equal work, in the order of the archive. */
export function splitRuns(layout: ZipLayout): RunRange[] {
  const enough = Math.min(MOST, Math.max(LEAST, workOf(layout) / RUNS));
  const runs: RunRange[] = [];
  let from = 0;
  let work = 0;
  for (let to = 1; to <= layout.count; to++) {
    work += (layout.sizes[to - 1] as number) + ENTRY_COST;
    if (work < enough && to < layout.count) continue;
    runs.push({ from, to });
    from = to;
    work = 0;
  }
  return runs;
}
