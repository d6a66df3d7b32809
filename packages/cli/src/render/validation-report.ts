import type { Finding, FindingSeverity, OzxError } from "@ozx/core";
import { formatCount, plural, redactAddress } from "@ozx/core/internal";
import {
  type FindingGroup,
  isValid,
  specificationTitle,
  type ValidationReport,
  type Verdict,
  verdictsOf,
} from "@ozx/core/validate";
import { styled } from "../terminal/output.js";
import { printable, textWidth, wrap } from "../terminal/text-layout.js";
import { isRecommendation, renderRecommendations } from "./recommendations.js";

export interface RenderReportOptions {
  readonly deep: boolean;
  /** Whether warnings make it not valid. */
  readonly strict: boolean;
  /** Show examples of recommendations, and what to do about each, in place of a line for each kind. */
  readonly verbose: boolean;
  /** The number of characters in a line; by default the width of the terminal. */
  readonly width?: number;
}

/** What `ozx validate` prints about one file or folder. */
export function renderReport(
  report: PathReport,
  { deep, strict, verbose, width = textWidth() }: RenderReportOptions,
): string {
  const brief = verbose ? [] : report.groups.filter(isRecommendation);
  const full = report.groups.filter((group) => !brief.includes(group));
  const recommendations = renderRecommendations(report.path, brief, width);
  const conclusions = [
    ...verdictsOf(report).flatMap((verdict) => renderVerdict(verdict, width)),
    ...wrap(`${renderCounts(report)}${strictness(report, strict)}`, { width, indent: "  " }),
    ...report.notes.flatMap((note) => wrap(note, { width, indent: "  " })),
    ...(deep || report.zarrFormat === undefined
      ? []
      : wrap("Pixel data was not checked; --deep reads and decodes all of it.", { width, indent: "  " })),
  ];
  return [
    styled("bold", printable(redactAddress(report.path))),
    ...full.flatMap((group) => [...renderGroup(group, width), ""]),
    ...(recommendations.length === 0 ? [] : [...recommendations, ""]),
    ...conclusions,
  ].join("\n");
}

/** What `--strict` makes of warnings: which kinds it failed on, or that it would fail. */
function strictness({ counts: { errors, warnings }, groups }: PathReport, strict: boolean): string {
  if (warnings === 0 || errors > 0) return "";
  if (!strict) return "; with --strict not valid";
  const kinds = groups.filter(({ severity }) => severity === "warning").map(({ rule }) => rule);
  return `; not valid with --strict, because of ${kinds.join(", ")}`;
}

/** What was found in several paths. */
export interface ReportTotals {
  readonly valid: number;
  readonly invalid: number;
  readonly unchecked: number;
  /** In how many of them each rule was not kept, remarks left out. */
  readonly kinds: ReadonlyMap<string, number>;
}

/** The last lines after several paths were checked. */
export function renderTotals(
  { valid, invalid, unchecked, kinds }: ReportTotals,
  width = textWidth(),
): string {
  const parts = [`${formatCount(valid)} valid`, `${formatCount(invalid)} not valid`];
  if (unchecked > 0) parts.push(`${formatCount(unchecked)} not checked`);
  const rules = [...kinds].map(([rule, files]) => `${rule} in ${formatCount(files)}`);
  return [
    ...wrap(`${formatCount(valid + invalid + unchecked)} in all: ${parts.join(", ")}`, { width }),
    ...(rules.length === 0 ? [] : wrap(rules.join(", "), { width, indent: "  " })),
  ].join("\n");
}

/** The number of examples that are printed: remarks need no action, so one is enough. */
const EXAMPLES = { error: 3, warning: 3, info: 1 } as const satisfies Record<FindingSeverity, number>;

function renderGroup(group: FindingGroup, width: number): string[] {
  const { rule, set, level, severity, count, help } = group;
  const examples = group.examples.slice(0, EXAMPLES[severity]);
  const source = level === "policy" ? specificationTitle(set) : `${specificationTitle(set)} ${level}`;
  const times = count === 1 ? "" : `, ${formatCount(count)} times`;
  const more = count - examples.length;
  const heading = `  ${styled(STYLES[severity], severity)} ${styled("bold", rule)}`;
  const isNarrow = severity.length + rule.length + source.length + times.length + 6 > width;
  return [
    ...(isNarrow ? [heading, `    (${source})${times}`] : [`${heading} (${source})${times}`]),
    ...examples.flatMap(({ message }) => wrap(printable(message), { width, indent: "    " })),
    ...(more > 0
      ? wrap(`… and ${formatCount(more)} more; --jsonl lists them all`, { width, indent: "    " })
      : []),
    ...wrap(`→ ${help}`, { width, indent: "    " }),
  ];
}

const STYLES = { error: "red", warning: "yellow", info: "cyan" } as const satisfies Record<
  FindingSeverity,
  string
>;

function renderVerdict({ title, verdict, text, remarks }: Verdict, width: number): string[] {
  const name = printable(title);
  const rest = remarks.length > 0 ? ` (${remarks.join(", ")})` : "";
  if (name.length + text.length + rest.length + 4 <= width) {
    return [`  ${name}: ${styled(VERDICT_STYLES[verdict], text)}${rest}`];
  }
  return wrap(`${name}: ${text}${rest}`, { width, indent: "  " });
}

const VERDICT_STYLES = { conforms: "green", breaks: "red", unchecked: "dim" } as const;

function renderCounts({ counts: { errors, warnings, infos }, groups }: PathReport): string {
  const count = (severity: FindingSeverity, total: number, word: string): string => {
    if (total === 0) return `no ${word}s`;
    const kinds = groups.filter((group) => group.severity === severity).length;
    const of = kinds < total ? ` of ${plural(kinds, "kind")}` : "";
    return styled(STYLES[severity], plural(total, word)) + of;
  };
  const parts = [count("error", errors, "error"), count("warning", warnings, "warning")];
  if (infos > 0) parts.push(count("info", infos, "remark"));
  return parts.join(", ");
}

/** The report on a path, or the error when it could not be checked. */
export type PathOutcome = PathReport | { readonly path: string; readonly error: OzxError };

/** Changes when a member changes its meaning or is removed, not when one is added. */
const SCHEMA_VERSION = 1;

/** The object that `ozx validate --json` prints; see `docs/validate-json.md`. */
export function reportsToJson(
  outcomes: readonly PathOutcome[],
  { deep, strict }: { readonly deep: boolean; readonly strict: boolean },
): string {
  const valid = outcomes.every((outcome) => !("error" in outcome) && isValid(outcome, { strict }));
  const reports = outcomes.map((outcome) => outcomeToJson(outcome, strict));
  return JSON.stringify({ schemaVersion: SCHEMA_VERSION, valid, deep, strict, reports }, null, 2);
}

function outcomeToJson(outcome: PathOutcome, strict: boolean): object {
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
      // A count says nothing for OME-Zarr: most of its rules concern nodes that an image does not have.
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

/** The report of `ozx validate` on one path. */
export interface PathReport extends ValidationReport {
  /** The argument. */
  readonly path: string;
}
