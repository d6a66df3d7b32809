import type { FindingCounts, FindingGroup, RuleSetSummary } from "../findings.js";
import { plural } from "../format/quantities.js";

/** The result of validating one file or folder. `docs/validate-json.md` describes it for scripts. */
export interface ValidationReport {
  /** The id of the container: `directory`, `http`, or that of a format, as in `zip`. */
  readonly container: string;
  /** Undefined where no hierarchy could be read. */
  readonly zarrFormat: 2 | 3 | undefined;
  /** As it is written; undefined where no OME-Zarr metadata was found. */
  readonly omeVersion: string | undefined;
  /** How many findings there are, by severity. */
  readonly counts: FindingCounts;
  /** The findings, grouped by their rule. */
  readonly groups: readonly FindingGroup[];
  /** How each specification came out: those of the container, Zarr, OME-Zarr. */
  readonly sets: readonly RuleSetSummary[];
  /** Sentences about the input that are not findings. */
  readonly notes: readonly string[];
}

/**
 * Whether a report has no errors.
 *
 * @param options with `strict`, it may have no warnings either
 */
export function isValid(
  { counts }: Pick<ValidationReport, "counts">,
  { strict }: { readonly strict: boolean },
): boolean {
  return counts.errors === 0 && !(strict && counts.warnings > 0);
}

/** How the rules of one specification came out, for display. */
export interface Verdict {
  /** The specification, with its version where that is known: `Zarr v3`, `OME-Zarr 0.5`. */
  readonly title: string;
  readonly verdict: RuleSetSummary["verdict"];
  /** `conforms`, `does not conform`, or why it was not checked. */
  readonly text: string;
  /** Details: `2 rules broken`, `11 of 12 recommendations`. */
  readonly remarks: readonly string[];
}

/** The verdict for each specification of a report. */
export function verdictsOf(report: ValidationReport): Verdict[] {
  return report.sets.map((summary) => ({
    title: titleIn(summary.set, report),
    verdict: summary.verdict,
    text: textOf(summary, report),
    remarks: summary.verdict === "unchecked" ? [] : remarksOf(summary),
  }));
}

/**
 * The title of a specification: `RFC-9` for `rfc9`.
 *
 * @param set the id of its rules, which is returned if it is unknown
 */
export function specificationTitle(set: string): string {
  return TITLES.get(set) ?? set;
}

function titleIn(set: string, { zarrFormat, omeVersion }: ValidationReport): string {
  if (set === "zarr" && zarrFormat !== undefined) return `Zarr v${zarrFormat}`;
  if (set === "ome" && omeVersion !== undefined) return `OME-Zarr ${omeVersion}`;
  return specificationTitle(set);
}

function textOf({ set, verdict }: RuleSetSummary, { zarrFormat, omeVersion }: ValidationReport): string {
  if (verdict === "breaks") return "does not conform";
  if (set === "ome" && omeVersion !== undefined && omeVersion < "0.4") {
    return "can be read; there are no schemas of this version to check it by";
  }
  if (verdict === "conforms") return "conforms";
  return set === "ome" && zarrFormat !== undefined
    ? "none found"
    : "not checked, because nothing could be opened";
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
