import type { Finding, FindingLevel, FindingSeverity } from "./finding.js";

/** What a validator checks, apart from where it was broken. */
export interface Rule {
  /** Stable, as in `root-zarr-json`; the `rule` of its findings. */
  readonly id: string;
  readonly level: FindingLevel;
  readonly severity: FindingSeverity;
  /** What is so where the rule is kept, in a phrase. */
  readonly title: string;
  /** What to do where it is not, in a sentence. */
  readonly help: string;
  /** The specification that it belongs to, as in `zarr`. */
  readonly set: string;
  /** Where the specification says it. */
  readonly clause?: string;
}

/** A rule that is broken in one place. */
export function breach({ id, level, severity, help }: Rule, where: string, message: string): Finding {
  return { rule: id, level, severity, where, message, help };
}
