import type { ValidationReport } from "@ozx/core";
import { useEffect } from "react";
import type { SourceInput } from "../open/opened-source.js";
import type { TaskResults } from "../work/messages.js";
import type { TaskState } from "../work/task-runner.js";
import { useTask } from "../work/use-task.js";

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
