import type { ValidationReport } from "@ozx/core";

/** What `ozx validate` found out about one path. */
export interface Report extends ValidationReport {
  /** As it was given. */
  readonly path: string;
}
