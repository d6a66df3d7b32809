import { formatCount, plural } from "@ozx/core/internal";
import {
  type FindingGroup,
  isValid,
  specificationTitle,
  type ValidationReport,
  type Verdict,
  verdictsOf,
} from "@ozx/core/validate";
import { useEffect } from "react";
import { explainError } from "../open/explain-error.js";
import type { SourceInput } from "../open/source-input.js";
import type { TaskResults } from "../workers/messages.js";
import { ProgressBar } from "../workers/task-status.js";
import { type TaskState, useTask } from "../workers/tasks.js";
import "../open/section-page.css";
import "./report.css";

/** Whether a source conforms to the specifications: the findings of `ozx validate`. */
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

/** The progress of a check, or a button to start the next one. */
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
        {report === undefined ? "The check was cancelled." : "Pixel data has not been checked yet."}
      </span>
    </div>
  );
}

/** Findings grouped by rule, errors first. Groups of errors are expanded. */
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
  const origin = level === "policy" ? specificationTitle(set) : `${specificationTitle(set)} ${level}`;
  const more = count - examples.length;
  return (
    <details className="finding" data-severity={severity} open={severity === "error"}>
      <summary>
        <span className="rule">
          <span className="severity">{severity}</span>
          <code>{rule}</code>
          <span className="soft">{origin}</span>
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

interface ReportControl {
  readonly state: TaskState<TaskResults["validate"]>;
  /** The last report, also while another check is running. */
  readonly report: ValidationReport | undefined;
  /** Whether the last report covers all pixel data. */
  readonly deep: boolean;
  /** Starts a check; a deep one reads and decodes all data. */
  check(deep: boolean): void;
  cancel(): void;
}

/** The report of a source. The first check starts with the first render. */
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
