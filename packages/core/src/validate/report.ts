import type { FindingCounts, FindingGroup, RuleSetSummary } from "../findings.js";
import type { OmeVersion } from "../ome/model.js";

/** What was found out about one file or folder. `docs/validate-json.md` describes it for scripts. */
export interface ValidationReport {
  /** `directory`, or the id of the container. */
  readonly container: string;
  readonly zarrFormat: 2 | 3 | undefined;
  readonly omeVersion: OmeVersion | undefined;
  readonly counts: FindingCounts;
  readonly groups: readonly FindingGroup[];
  readonly sets: readonly RuleSetSummary[];
  /** What is worth knowing and breaks no rule. */
  readonly notes: readonly string[];
}

/** Whether a report is none to fail for. */
export function isValid(
  { counts }: Pick<ValidationReport, "counts">,
  { strict }: { readonly strict: boolean },
): boolean {
  return counts.errors === 0 && !(strict && counts.warnings > 0);
}
