import type { FindingCounts, FindingGroup, RuleSetSummary } from "../findings.js";
import { plural } from "../format/quantities.js";
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

/** What a specification's rules came to, for people. */
export interface Verdict {
  /** The specification, with its version where that is known: `Zarr v3`, `OME-Zarr 0.5`. */
  readonly title: string;
  readonly verdict: RuleSetSummary["verdict"];
  /** `conforms`, `does not conform`, or why it was not checked. */
  readonly text: string;
  /** What else there is to say: `2 rules broken`, `11 of 12 recommendations`. */
  readonly remarks: readonly string[];
}

/** One verdict for each specification of a report. */
export function verdictsOf(report: ValidationReport): Verdict[] {
  return report.sets.map((summary) => ({
    title: titleIn(summary.set, report),
    verdict: summary.verdict,
    text: textOf(summary, report),
    remarks: summary.verdict === "unchecked" ? [] : remarksOf(summary),
  }));
}

/** A specification's name: `RFC-9` for `rfc9`. */
export function specificationTitle(set: string): string {
  return TITLES.get(set) ?? set;
}

function titleIn(set: string, { zarrFormat, omeVersion }: ValidationReport): string {
  if (set === "zarr" && zarrFormat !== undefined) return `Zarr v${zarrFormat}`;
  if (set === "ome" && omeVersion !== undefined) return `OME-Zarr ${omeVersion}`;
  return specificationTitle(set);
}

function textOf({ set, verdict }: RuleSetSummary, { zarrFormat }: ValidationReport): string {
  if (verdict === "breaks") return "does not conform";
  if (verdict === "conforms") return "conforms";
  return set === "ome" && zarrFormat !== undefined
    ? "none found"
    : "not checked, for nothing could be opened";
}

function remarksOf({ set, broken, missed, recommendations }: RuleSetSummary): string[] {
  return [
    ...(broken.length > 0 ? [plural(broken.length, "rule broken", "rules broken")] : []),
    ...(missed.length > 0 ? [`${plural(missed.length, "requirement")} not met, see the warnings`] : []),
    ...(set === "rfc9" && recommendations
      ? [`${recommendations.kept} of ${recommendations.total} recommendations`]
      : []),
  ];
}

const TITLES: ReadonlyMap<string, string> = new Map([
  ["rfc9", "RFC-9"],
  ["zip", "ZIP"],
  ["zarr", "Zarr"],
  ["ome", "OME-Zarr"],
]);
