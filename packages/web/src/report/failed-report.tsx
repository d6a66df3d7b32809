import type { FailedSource } from "../open/source-input.js";
import { FindingGroups, useReport } from "./report-section.js";
import "../open/section-page.css";
import "./report.css";

/** The findings of a source that could not be opened; nothing where there are none. */
export function FailedReport({ failed }: { failed: FailedSource }) {
  const { report } = useReport(failed.source);
  if (report === undefined || report.groups.length === 0) return null;
  return (
    <section className="section-page" aria-labelledby="findings-title">
      <h2 id="findings-title">What is wrong with it</h2>
      <FindingGroups groups={report.groups} />
    </section>
  );
}
