import {
  type FindingGroup,
  formatCount,
  isValid,
  plural,
  specificationTitle,
  type ValidationReport,
  type Verdict,
  verdictsOf,
} from "@ozx/core";
import { explainError } from "../open/explain-error.js";
import type { SourceInput } from "../open/source-input.js";
import { ProgressBar } from "../workers/task-status.js";
import "../open/section-page.css";
import "./report.css";
import { useEffect } from "react";
import type { TaskResults } from "../workers/messages.js";
import { type TaskState, useTask } from "../workers/tasks.js";

/** Whether what is open follows the specifications: the findings of `ozx validate`. */
export function ReportSection({ source }: { source: SourceInput }) {
  const control = useReport(source);
  const { report } = control;
  return (
    <section className="report" aria-labelledby="report-title">
      <h2 id="report-title">{report === undefined ? "Does it conform?" : headline(report)}</h2>
      {report !== undefined && <Verdicts report={report} />}
      <Running control={control} />
      {report !== undefined && (
        <>
          <FindingGroups groups={report.groups} />
          {report.notes.map((note) => (
            <p key={note} className="soft">
              {note}
            </p>
          ))}
        </>
      )}
    </section>
  );
}

function headline(report: ValidationReport): string {
  const { errors, warnings } = report.counts;
  if (!isValid(report, { strict: false })) {
    return `Not valid: ${plural(errors, "error")}${warnings > 0 ? `, ${plural(warnings, "warning")}` : ""}`;
  }
  return warnings > 0 ? `Valid, with ${plural(warnings, "warning")}` : "Valid";
}

function Verdicts({ report }: { report: ValidationReport }) {
  return (
    <ul className="verdicts">
      {verdictsOf(report).map((verdict) => (
        <li key={verdict.title} data-verdict={verdict.verdict}>
          <span className="mark" aria-hidden="true">
            {MARKS[verdict.verdict]}
          </span>
          <span>
            <strong>{verdict.title}</strong> {verdict.text}
            {verdict.remarks.length > 0 && <span className="soft"> ({verdict.remarks.join(", ")})</span>}
          </span>
        </li>
      ))}
    </ul>
  );
}

const MARKS: Readonly<Record<Verdict["verdict"], string>> = { conforms: "✓", breaks: "✗", unchecked: "–" };

/** What is being checked, or what can be checked next. */
function Running({ control: { state, report, deep, check, cancel } }: { control: ReportControl }) {
  if (state.status === "running") {
    return <ProgressBar verb="Checking" progress={state.progress} since={state.since} onCancel={cancel} />;
  }
  const again = (
    <button type="button" onClick={() => check(report !== undefined)}>
      {report === undefined ? "Check" : "Check all data too"}
    </button>
  );
  if (state.status === "failed") {
    const { title, message } = explainError(state.error);
    return (
      <>
        <p role="alert">
          {title}: {message}
        </p>
        {again}
      </>
    );
  }
  if (deep) return <p className="soft">All data was read and decoded.</p>;
  if (report?.zarrFormat === undefined && report !== undefined) return null;
  return (
    <div className="next">
      {again}
      <span className="soft">
        {report === undefined ? "The check was cancelled." : "Pixel data was not looked at yet."}
      </span>
    </div>
  );
}

/** Findings by rule: errors first, those open; warnings and remarks closed. */
export function FindingGroups({ groups }: { groups: readonly FindingGroup[] }) {
  return (
    <div className="findings">
      {groups.map((group) => (
        <Group key={`${group.rule} ${group.level} ${group.severity}`} group={group} />
      ))}
    </div>
  );
}

function Group({ group }: { group: FindingGroup }) {
  const { rule, set, level, severity, count, help, examples } = group;
  const whose = level === "policy" ? specificationTitle(set) : `${specificationTitle(set)} ${level}`;
  const more = count - examples.length;
  return (
    <details className="finding" data-severity={severity} open={severity === "error"}>
      <summary>
        <span className="rule">
          <span className="severity">{severity}</span>
          <code>{rule}</code>
          <span className="soft">{whose}</span>
          {count > 1 && <span className="count">{formatCount(count)} times</span>}
        </span>
        <span className="gist">{examples[0]?.message}</span>
      </summary>
      <ul>
        {examples.map(({ where, message }) => (
          <li key={`${where} ${message}`}>{message}</li>
        ))}
        {more > 0 && <li className="soft">… and {formatCount(more)} more</li>}
      </ul>
      <p className="help">{help}</p>
    </details>
  );
}

export interface ReportControl {
  readonly state: TaskState<TaskResults["validate"]>;
  /** The last report, also while another check runs. */
  readonly report: ValidationReport | undefined;
  /** Whether that one was of all data too. */
  readonly deep: boolean;
  check(deep: boolean): void;
  cancel(): void;
}

/** The report of a source: checked as soon as it is asked for, and deeply on request. */
export function useReport(source: SourceInput): ReportControl {
  const { state, last, start, cancel } = useTask(source, "validate");

  useEffect(() => {
    if (state.status === "idle") void start({ kind: "validate", source, deep: false });
  }, [state, start, source]);

  return {
    ...{ state, cancel },
    report: last?.report,
    deep: last?.deep ?? false,
    check: (deep) => void start({ kind: "validate", source, deep }),
  };
}
