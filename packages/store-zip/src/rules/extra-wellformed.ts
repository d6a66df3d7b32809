import { EXTRA_RAGGED, EXTRA_TWICE, EXTRA_UNICODE } from "./extra-blocks.js";
import type { ArchiveFacts } from "./facts.js";
import {
  LOCAL_OTHER_EXTRA,
  LOCAL_RAGGED_EXTRA,
  LOCAL_STALE_UNICODE,
  LOCAL_TWICE_EXTRA,
} from "./inspect-local.js";
import { perEntry } from "./per-entry.js";
import type { ArchiveCheck } from "./rule.js";
import { hasStaleUnicode } from "./stale-unicode.js";
import { rawComment, rawExtra, rawName } from "./survey-central.js";

export const extraWellformed: ArchiveCheck = {
  id: "extra-wellformed",
  level: "policy",
  severity: "warning",
  title: "extra fields that can be read in one way only",
  help: "Pack it again, which leaves out all extra fields but ZIP64's.",
  set: "zip",
  *check(facts) {
    const has = (index: number, central: number, local: number): boolean =>
      ((facts.central.extras[index] as number) & central) !== 0 ||
      ((facts.local.bits[index] as number) & local) !== 0;
    yield* perEntry(
      facts,
      (index) => has(index, EXTRA_TWICE, LOCAL_TWICE_EXTRA),
      ({ name }) => `${name} has the same extra field twice.`,
      { moves: "data" },
    );
    yield* perEntry(
      facts,
      (index) => has(index, EXTRA_RAGGED, LOCAL_RAGGED_EXTRA),
      ({ name }) => `${name} has bytes in an extra field that belong to no block.`,
      { moves: "data" },
    );
    yield* perEntry(
      facts,
      (index) => has(index, 0, LOCAL_OTHER_EXTRA),
      ({ name }) => `${name} has other extra fields in its local header than in the central directory.`,
      { moves: "data" },
    );
    yield* perEntry(
      facts,
      (index) =>
        has(index, 0, LOCAL_STALE_UNICODE) || (has(index, EXTRA_UNICODE, 0) && isStale(facts, index)),
      ({ name }) => `${name} has a Unicode name or comment that belongs to another name or comment.`,
      { moves: "data" },
    );
  },
};

function isStale({ central }: ArchiveFacts, index: number): boolean {
  return hasStaleUnicode(rawExtra(central, index), rawName(central, index), rawComment(central, index));
}
