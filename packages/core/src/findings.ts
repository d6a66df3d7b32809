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
export function violation({ id, level, severity, help }: Rule, where: string, message: string): Finding {
  return { rule: id, level, severity, where, message, help };
}

/** A message as a sentence, which ends with a full stop. */
export function sentence(message: string): string {
  return message.endsWith(".") ? message : `${message}.`;
}

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
const LONGEST_TEXT = 600;

function shorten(text: string): string {
  return text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT - 2)} …`;
}

/** What a specification's rules came to. */
export interface RuleSetSummary {
  /** As in `zarr`. */
  readonly set: string;
  /** `unchecked` where what the rules are about could not be read, and no rule is known to be broken. */
  readonly verdict: "conforms" | "breaks" | "unchecked";
  /** Rules that are broken by an error. */
  readonly broken: readonly string[];
  /** MUST rules that are broken only in ways that readers put up with: told as warnings. */
  readonly missed: readonly string[];
  /** The specification's MUST and SHOULD rules, and how many are kept; undefined where they could not be asked. */
  readonly requirements: KeptRules | undefined;
  readonly recommendations: KeptRules | undefined;
}

export interface KeptRules {
  readonly kept: number;
  readonly total: number;
}

/**
 * Sums a specification up: it is conformed to where no error was found.
 *
 * @param options.checked whether the rules could be asked at all
 */
export function summarizeSet(
  set: string,
  rules: readonly Rule[],
  groups: readonly FindingGroup[],
  { checked = true }: { readonly checked?: boolean } = {},
): RuleSetSummary {
  const own = groups.filter((group) => group.set === set);
  const told = new Set(own.map(({ rule }) => rule));
  const broken = new Set(own.filter(({ severity }) => severity === "error").map(({ rule }) => rule));
  const kept = (level: Rule["level"]): KeptRules | undefined => {
    if (!checked) return undefined;
    const asked = rules.filter((rule) => rule.set === set && rule.level === level);
    return { kept: asked.filter(({ id }) => !told.has(id)).length, total: asked.length };
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
