import type { ErrorReport, HierarchyReport } from "@ozx/core";
import type { ArchiveDescription } from "@ozx/store-zip";

/**
 * What `ozx info` knows: printed as it is with `--json`, put into words without. Documented in docs/info-json.md;
 * members are added, and never renamed or removed, while the schema version is 1. What is not known is null.
 *
 * @module
 */
export interface InfoReport {
  readonly schemaVersion: 1;
  /** One for each path that was given, in that order. */
  readonly files: readonly (FileReport | FailedFile)[];
}

export interface FailedFile {
  readonly path: string;
  readonly error: ErrorReport;
}

export interface FileReport extends HierarchyReport {
  /** As it was given. */
  readonly path: string;
  readonly error: null;
  /** The node inside it that was asked for with `--path`, as it was given; all paths start there. */
  readonly node: string | null;
  readonly archive: ArchiveDescription | null;
}
