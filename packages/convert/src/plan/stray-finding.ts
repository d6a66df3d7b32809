import type { Finding, Hierarchy, ReadOptions, StoreEntry } from "@ozx/core";
import { forEachInSlices } from "@ozx/core/container";
import { keyLocator, plural, strayKey } from "@ozx/core/internal";

/** Reports what lies in the folders of arrays, and is no chunk of theirs; undefined if there is nothing. */
export async function strayFinding(
  entries: readonly StoreEntry[],
  hierarchy: Hierarchy,
  options?: ReadOptions,
): Promise<Finding | undefined> {
  const locate = keyLocator(hierarchy);
  const strays: Finding[] = [];
  let count = 0;
  const look = (entry: StoreEntry): void => {
    const located = locate(entry.key);
    const stray = located && strayKey(entry, located);
    if (stray === undefined) return;
    if (strays.length === 0) strays.push(stray);
    count++;
  };
  await forEachInSlices(entries, look, options);
  const [first] = strays;
  if (first === undefined) return undefined;
  return {
    ...first,
    message: `${plural(count, "entry is", "entries are")} copied that no reader uses: ${first.message}${count === 1 ? "" : ` The same applies to ${count - 1} more.`}`,
  };
}
