import type { ValidationReport } from "@ozx/core";
import { useCallback, useEffect, useState } from "react";
import type { SourceInput } from "../open/opened-source.js";
import type { Task } from "../work/messages.js";
import { type TaskState, useTask } from "../work/use-task.js";

export interface ReportControl {
  readonly state: TaskState<ValidationReport>;
  /** The last report, also while another check runs. */
  readonly report: ValidationReport | undefined;
  /** Whether that one was of all data too. */
  readonly deep: boolean;
  check(deep: boolean): void;
  cancel(): void;
}

interface KnownReport {
  readonly report: ValidationReport;
  readonly deep: boolean;
}

/** Reports of what is open, so that a check is not run again each time somebody comes back to the section. */
const known = new WeakMap<SourceInput, KnownReport>();

/** The report of a source: checked as soon as it is asked for, and deeply on request. */
export function useReport(source: SourceInput): ReportControl {
  const { state, start, cancel } = useTask<Extract<Task, { kind: "validate" }>>();
  const [last, setLast] = useState(() => known.get(source));

  const check = useCallback(
    async (deep: boolean) => {
      const report = await start({ kind: "validate", source, deep });
      if (report === undefined) return;
      known.set(source, { report, deep });
      setLast({ report, deep });
    },
    [start, source],
  );

  useEffect(() => {
    if (!known.has(source)) void check(false);
  }, [check, source]);

  return {
    ...{ state, cancel },
    report: last?.report,
    deep: last?.deep ?? false,
    check: (deep) => void check(deep),
  };
}
