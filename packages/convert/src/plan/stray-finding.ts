import type { Finding, Hierarchy, StoreEntry } from "@ozx/core";
import { keyLocator, plural, strayKey } from "@ozx/core/internal";

/** Reports what lies in the folders of arrays, and is no chunk of theirs; undefined if there is nothing. */
export function strayFinding(entries: readonly StoreEntry[], hierarchy: Hierarchy): Finding | undefined {
  const locate = keyLocator(hierarchy);
  let first: Finding | undefined;
  let count = 0;
  for (const entry of entries) {
    const located = locate(entry.key);
    const stray = located && strayKey(entry, located);
    if (stray === undefined) continue;
    first ??= stray;
    count++;
  }
  if (first === undefined) return undefined;
  return {
    ...first,
    message: `${plural(count, "entry is", "entries are")} copied that no reader uses: ${first.message}${count === 1 ? "" : ` The same applies to ${count - 1} more.`}`,
  };
}
