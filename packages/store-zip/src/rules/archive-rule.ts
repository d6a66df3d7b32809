import type { Finding, FindingLevel, FindingSeverity } from "@ozx/core";
import { type DirectoryEntry, entryAt } from "../directory/central-directory.js";
import type { CheckContext } from "./scan-archive.js";

/** A rule about archives, as it is listed in reports. */
export interface ArchiveRule {
  /** Stable, because reports contain it. */
  readonly id: string;
  readonly level: FindingLevel;
  readonly severity: FindingSeverity;
  /** What a conforming archive has, as a phrase: "a ZIP64 end record". */
  readonly title: string;
  /** What to do about a violation, as a sentence. */
  readonly help: string;
  /** `zip`: rules for every zip archive; `rfc9`: what RFC-9 and good practice require of an `.ozx`. */
  readonly set: "zip" | "rfc9";
  /** The number of the requirement in RFC-9: R1 to R4 (MUST), S1 to S6 (SHOULD). */
  readonly clause?: string;
}

/** One violation of a rule. */
export interface Violation {
  readonly message: string;
  /** `/` and the entry's name; the whole archive by default. */
  readonly where?: string;
  /** The rule's by default. */
  readonly severity?: FindingSeverity;
  /** The rule's by default. */
  readonly help?: string;
  /** Whether a repair rewrites the end of the file or moves data, for `planRepair`. */
  readonly moves?: "tail" | "data";
}

/** A rule with its check. */
export interface ArchiveCheck extends ArchiveRule {
  readonly check: (context: CheckContext) => Iterable<Violation> | AsyncIterable<Violation>;
}

/** A violation of a rule as a finding. */
export function findingOf(rule: ArchiveRule, violation: Violation): Finding {
  const { id, level, severity } = rule;
  return {
    rule: id,
    level,
    severity: violation.severity ?? severity,
    where: violation.where ?? "/",
    message: violation.message,
    help: violation.help ?? rule.help,
  };
}

/**
 * A violation for each entry that breaks a rule.
 *
 * @param isBroken whether the entry at an index breaks it
 * @param say the message for an entry
 */
export function* perEntry(
  { archive: { directory } }: CheckContext,
  isBroken: (index: number) => boolean,
  say: (entry: DirectoryEntry) => string,
  rest?: Omit<Violation, "message" | "where">,
): Generator<Violation> {
  for (let index = 0; index < directory.count; index++) {
    if (!isBroken(index)) continue;
    const entry = entryAt(directory, index);
    yield { where: `/${entry.name}`, message: say(entry), ...rest };
  }
}
