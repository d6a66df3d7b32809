/**
 * How binding a rule is: the RFC 2119 word of a specification, or `policy` for a rule of the project's own (safety,
 * limits of other readers).
 */
export type FindingLevel = "MUST" | "SHOULD" | "MAY" | "policy";

/** How bad a violation is: an `error` makes the data invalid, a `warning` and an `info` do not. */
export type FindingSeverity = "error" | "warning" | "info";

/** One violation that a validator or a tolerant reader noticed. Every validator of the project reports in this form. */
export interface Finding {
  /** The rule's stable id, as in `root-zarr-json`. */
  readonly rule: string;
  readonly level: FindingLevel;
  readonly severity: FindingSeverity;
  /** The entry, node or record concerned; `/` for the whole. */
  readonly where: string;
  /** What is wrong, in a sentence. */
  readonly message: string;
  /** What to do about it, in a sentence. */
  readonly help: string;
  /** How many violations it stands for, where not each has a finding of its own; one by default. */
  readonly count?: number;
}

/** A rule that a validator checks. */
export interface Rule {
  /** Stable, as in `root-zarr-json`; the `rule` of its findings. */
  readonly id: string;
  readonly level: FindingLevel;
  readonly severity: FindingSeverity;
  /** What holds where the rule is kept, as a sentence without a full stop. */
  readonly title: string;
  /** What to do where it is violated, in a sentence. */
  readonly help: string;
  /** The specification that the rule belongs to, as in `zarr`. */
  readonly set: string;
  /** The section of the specification. */
  readonly clause?: string;
}

/** The members of a rule that its findings repeat. */
export type RuleText = Pick<Rule, "id" | "level" | "severity" | "help">;

/**
 * The finding for a rule that is violated.
 *
 * @param where the entry, node or record concerned
 * @param message what is wrong there, in a sentence
 */
export function violation({ id, level, severity, help }: RuleText, where: string, message: string): Finding {
  return { rule: id, level, severity, where, message, help };
}

/** A message as a sentence: it ends with a full stop. */
export function sentence(message: string): string {
  return message.endsWith(".") ? message : `${message}.`;
}

/** One finding of a group. */
export interface FindingExample {
  readonly where: string;
  readonly message: string;
}

/** All findings of one rule at one level and severity. */
export interface FindingGroup {
  readonly rule: string;
  /** The specification that the rule belongs to, as in `zarr`. */
  readonly set: string;
  readonly level: FindingLevel;
  readonly severity: FindingSeverity;
  /** What holds where the rule is kept; undefined for rules without a title. */
  readonly title: string | undefined;
  readonly help: string;
  /** How many findings there are; `examples` are the first few of them. */
  readonly count: number;
  readonly examples: readonly FindingExample[];
}

/** How many findings there are of each severity. */
export interface FindingCounts {
  readonly errors: number;
  readonly warnings: number;
  readonly infos: number;
}

/** Collects findings in groups; see {@link collectFindings}. */
export interface FindingCollector {
  /** @param set the specification that the finding's rule belongs to, used where the rule is not a known one */
  add(finding: Finding, set: string): void;
  /** Errors first, then warnings, then infos; within a severity in the order of their first findings. */
  groups(): FindingGroup[];
  counts(): FindingCounts;
}

/** Options of {@link collectFindings}. */
export interface CollectOptions {
  /** How many examples each group keeps; 3 by default. */
  readonly examples?: number;
  /** The known rules, for the titles and sets of groups. */
  readonly rules?: readonly Rule[];
}

/** Groups findings by rule as they are reported. Its memory grows with the number of rules, not of findings. */
export function collectFindings({ examples = 3, rules = [] }: CollectOptions = {}): FindingCollector {
  const known = new Map(rules.map((rule) => [rule.id, rule]));
  const groups = new Map<string, Mutable<FindingGroup> & { examples: FindingExample[] }>();
  return {
    add({ rule, level, severity, where, message, help, count = 1 }, set) {
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
      group.count += count;
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

/** Names in a damaged file can be as long as the file. */
const LONGEST_TEXT = 600;

function shorten(text: string): string {
  return text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT - 2)} …`;
}

/** How well an input conforms to a specification. */
export interface RuleSetSummary {
  /** The specification, as in `zarr`. */
  readonly set: string;
  /** `unchecked` where the rules could not be checked, and none is known to be violated. */
  readonly verdict: "conforms" | "breaks" | "unchecked";
  /** The ids of rules with errors. */
  readonly broken: readonly string[];
  /** The ids of MUST rules that are violated only in ways that readers tolerate, reported as warnings. */
  readonly missed: readonly string[];
  /** MUST rules; undefined where they could not be checked. */
  readonly requirements: KeptRules | undefined;
  /** SHOULD rules; undefined where they could not be checked. */
  readonly recommendations: KeptRules | undefined;
}

/** How many rules of a level are kept, of how many. */
export interface KeptRules {
  readonly kept: number;
  readonly total: number;
}

/**
 * Summarizes the findings of one specification, which the input conforms to where no error was found.
 *
 * @param set the specification, as in `zarr`
 * @param rules all known rules
 * @param groups all findings, as {@link FindingCollector.groups} returns them
 * @param options.checked whether the rules could be checked at all
 */
export function summarizeSet(
  set: string,
  rules: readonly Rule[],
  groups: readonly FindingGroup[],
  { checked = true }: { readonly checked?: boolean } = {},
): RuleSetSummary {
  const own = groups.filter((group) => group.set === set);
  const violated = new Set(own.map(({ rule }) => rule));
  const broken = new Set(own.filter(({ severity }) => severity === "error").map(({ rule }) => rule));
  const kept = (level: Rule["level"]): KeptRules | undefined => {
    if (!checked) return undefined;
    const all = rules.filter((rule) => rule.set === set && rule.level === level);
    return { kept: all.filter(({ id }) => !violated.has(id)).length, total: all.length };
  };
  const unbroken = checked ? "conforms" : "unchecked";
  return {
    set,
    verdict: broken.size > 0 ? "breaks" : unbroken,
    broken: [...broken],
    missed: own
      .filter(({ rule, level, severity }) => level === "MUST" && severity === "warning" && !broken.has(rule))
      .map(({ rule }) => rule),
    requirements: kept("MUST"),
    recommendations: kept("SHOULD"),
  };
}
