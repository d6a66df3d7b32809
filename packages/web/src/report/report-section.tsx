import { isValid, plural, type ValidationReport, type Verdict, verdictsOf } from "@ozx/core";
import { explainError } from "../open/explain-error.js";
import type { SourceInput } from "../open/opened-source.js";
import { ProgressBar } from "../work/progress-bar.js";
import { FindingGroups } from "./finding-groups.js";
import { type ReportControl, useReport } from "./use-report.js";
import "../parts/section-page.css";
import "./report.css";

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
