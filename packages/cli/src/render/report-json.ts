import { type Finding, isValid, type OzxError } from "@ozx/core";
import type { Report } from "../validate/report.js";

/** What became of a path: a report, or the reason why there is none. */
export type Outcome = Report | { readonly path: string; readonly error: OzxError };

/** Changes when a member changes its meaning or goes; new members do not change it. */
const SCHEMA_VERSION = 1;

/** The object that `ozx validate --json` prints; see `docs/validate-json.md`. */
export function reportsToJson(
  outcomes: readonly Outcome[],
  { deep, strict }: { readonly deep: boolean; readonly strict: boolean },
): string {
  const valid = outcomes.every((outcome) => !("error" in outcome) && isValid(outcome, { strict }));
  const reports = outcomes.map((outcome) => outcomeToJson(outcome, strict));
  return JSON.stringify({ schemaVersion: SCHEMA_VERSION, valid, deep, strict, reports }, null, 2);
}

function outcomeToJson(outcome: Outcome, strict: boolean): object {
  if ("error" in outcome) {
    const { path, error } = outcome;
    return { path, valid: false, error: { kind: error._tag, message: error.message } };
  }
  const { path, container, zarrFormat, omeVersion, counts, groups, sets, notes } = outcome;
  return {
    path,
    valid: isValid(outcome, { strict }),
    container,
    zarrFormat: zarrFormat ?? null,
    omeVersion: omeVersion ?? null,
    counts,
    specifications: sets.map(({ set, verdict, broken, missed, requirements, recommendations }) => ({
      id: set,
      verdict,
      broken,
      missed,
      // How many rules of OME-Zarr are kept says nothing: most are about nodes that are not there.
      ...(set !== "ome" && {
        requirements: requirements ?? null,
        recommendations: recommendations ?? null,
      }),
    })),
    findings: groups.map(({ rule, set, level, severity, title, count, help, examples }) => ({
      ...{ rule, specification: set, level, severity, title: title || null, help, count, examples },
    })),
    notes,
  };
}

/** One line of `ozx validate --jsonl`. */
export function findingToJson(path: string, finding: Finding, set: string): string {
  const { rule, level, severity, where, message, help } = finding;
  return JSON.stringify({ path, rule, specification: set, level, severity, where, message, help });
}
