/** Items `from..to` of a list, the end not included. */
export interface RunRange {
  readonly from: number;
  readonly to: number;
}

/** How large runs are, in the unit in which work is counted. */
export interface RunSizes {
  /** Large enough that handing a run on costs nothing beside doing it. */
  readonly least: number;
  /** Small enough that threads end at about the same time, and that not much is lost when one does not. */
  readonly most: number;
}

/** Between `least` and `most`, a list is split into about so many. */
const RUNS = 64;

/**
 * Splits a list into runs of about equal work, in its order.
 *
 * @param workOf how much work the item at an index is
 */
export function splitByWork(
  count: number,
  workOf: (index: number) => number,
  { least, most }: RunSizes,
): RunRange[] {
  let all = 0;
  for (let index = 0; index < count; index++) all += workOf(index);
  const enough = Math.min(most, Math.max(least, all / RUNS));
  const runs: RunRange[] = [];
  let from = 0;
  let work = 0;
  for (let to = 1; to <= count; to++) {
    work += workOf(to - 1);
    if (work < enough && to < count) continue;
    runs.push({ from, to });
    from = to;
    work = 0;
  }
  return runs;
}
