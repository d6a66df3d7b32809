import type { FindingGroup } from "./collect.js";
import type { Rule } from "./rule.js";

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
