/** Whose rule it is: RFC 2119 words for a specification's, `policy` for the project's own (safety, other readers' limits). */
export type FindingLevel = "MUST" | "SHOULD" | "MAY" | "policy";

export type FindingSeverity = "error" | "warning" | "info";

/** One thing that a validator or a tolerant reader noticed. Every validator of the project reports in this form. */
export interface Finding {
  /** The rule's stable id, as in `root-zarr-json`. */
  readonly rule: string;
  readonly level: FindingLevel;
  readonly severity: FindingSeverity;
  /** The entry, node or record it is about; `/` is the whole. */
  readonly where: string;
  /** What is so, in a sentence. */
  readonly message: string;
  /** What to do about it, in a sentence. */
  readonly help: string;
}
