import type { Finding, FindingLevel, FindingSeverity } from "./finding.js";
import type { Rule } from "./rule.js";

/** One finding of a group, as it was found. */
export interface FindingExample {
  readonly where: string;
  readonly message: string;
}

/** All findings of one rule. */
export interface FindingGroup {
  readonly rule: string;
  /** The specification that the rule belongs to, as in `zarr`. */
  readonly set: string;
  readonly level: FindingLevel;
  readonly severity: FindingSeverity;
  /** What is so where the rule is kept; undefined for rules that do not say. */
  readonly title: string | undefined;
  readonly help: string;
  readonly count: number;
  /** The first few. */
  readonly examples: readonly FindingExample[];
}

export interface FindingCounts {
  readonly errors: number;
  readonly warnings: number;
  readonly infos: number;
}

export interface FindingCollector {
  /** @param set the specification that the finding's rule belongs to, where no rule that is known says it */
  add(finding: Finding, set: string): void;
  /** Errors first, then warnings, then the rest; each in the order in which its first finding came. */
  groups(): FindingGroup[];
  counts(): FindingCounts;
}

export interface CollectOptions {
  /** How many findings of a rule are kept as they are; 3 by default. */
  readonly examples?: number;
  /** Rules that findings belong to, for their titles and sets. */
  readonly rules?: readonly Rule[];
}

/**
 * Groups findings by rule while they are found. What it keeps depends on the number of rules and not on the
 * number of findings.
 */
export function collectFindings({ examples = 3, rules = [] }: CollectOptions = {}): FindingCollector {
  const known = new Map(rules.map((rule) => [rule.id, rule]));
  const groups = new Map<string, Mutable<FindingGroup> & { examples: FindingExample[] }>();
  return {
    add({ rule, level, severity, where, message, help }, set) {
      const key = `${rule} ${level} ${severity}`;
      let group = groups.get(key);
      if (group === undefined) {
        const text = known.get(rule);
        group = {
          ...{ rule, set: text?.set ?? set, level, severity, title: text?.title, help },
          ...{ count: 0, examples: [] },
        };
        groups.set(key, group);
      }
      group.count++;
      if (group.examples.length < examples) {
        group.examples.push({ where: shorten(where), message: shorten(message) });
      }
    },
    groups() {
      return [...groups.values()].sort((a, b) => RANKS[a.severity] - RANKS[b.severity]);
    },
    counts() {
      const counts = { error: 0, warning: 0, info: 0 };
      for (const { severity, count } of groups.values()) counts[severity] += count;
      return { errors: counts.error, warnings: counts.warning, infos: counts.info };
    },
  };
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const RANKS: Readonly<Record<FindingSeverity, number>> = { error: 0, warning: 1, info: 2 };

/** Names in a file can be as long as the file. */
const LONGEST = 600;

function shorten(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 2)} …`;
}
