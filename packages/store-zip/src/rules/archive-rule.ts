import type { Finding, FindingLevel, FindingSeverity } from "@ozx/core";
import { type DirectoryEntry, entryAt } from "../directory/central-directory.js";
import type { CheckContext } from "./scan-archive.js";

/** A rule about archives, as it is listed to people. */
export interface ArchiveRule {
  /** Stable: it is written into reports. */
  readonly id: string;
  readonly level: FindingLevel;
  readonly severity: FindingSeverity;
  /** What a conforming archive has, in a phrase: "ZIP64 records everywhere". */
  readonly title: string;
  /** The way out, in a sentence. */
  readonly help: string;
  /** `zip`: what every zip archive has to hold; `rfc9`: what RFC-9 and good manners ask of an `.ozx`. */
  readonly set: "zip" | "rfc9";
  /** RFC-9's own count where it is one of its sentences: R1 to R4 (MUST), S1 to S6 (SHOULD). */
  readonly clause?: string;
}

/** One violation of a rule. It is about the whole archive, and as severe as the rule, where it does not say otherwise. */
export interface Violation {
  readonly message: string;
  /** `/` and the entry's name. */
  readonly where?: string;
  readonly severity?: FindingSeverity;
  /** Another way out than the rule's, for what came about otherwise. */
  readonly help?: string;
  /** Whether data would have to be moved to mend it; only what `planFix` needs to know. */
  readonly moves?: "tail" | "data";
}

/** A rule with the function that decides it. */
export interface ArchiveCheck extends ArchiveRule {
  readonly check: (context: CheckContext) => Iterable<Violation> | AsyncIterable<Violation>;
}

/** The finding that a violation of a rule is. */
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

/** Each entry that `isBroken` names, with what there is to say about it. */
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
