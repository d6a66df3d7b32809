import { formatCount, plural } from "@ozx/core/internal";
import type { FindingGroup } from "@ozx/core/validate";
import type { RepairPlan, RepairStep } from "@ozx/store-zip";
import { styled } from "../terminal/output.js";
import { printable, textWidth, wrap } from "../terminal/text-layout.js";

/** What `ozx fix --dry-run` prints. */
export function renderRepairPlan(path: string, { kind, steps }: RepairPlan): string {
  const name = printable(path);
  if (kind === "nothing") return `${name}: nothing to repair`;
  const how =
    kind === "tail"
      ? "by rewriting the end of the file; no data is moved"
      : "into a new file (-o OUT, or --force to replace this one)";
  const rules = byRule(steps);
  return [
    ...wrap(`${name}: ${plural(rules.size, "problem")} to repair, ${how}`, { width: width() }),
    ...[...rules].flatMap(renderSteps),
  ].join("\n");
}

/**
 * What `ozx fix` prints after a repair.
 *
 * @param skipped the rules of steps that were left out, because they move data
 */
export function renderRepaired(
  path: string,
  steps: readonly RepairStep[],
  skipped: ReadonlySet<string>,
): string {
  if (steps.length === 0) return `${printable(path)}: nothing to repair`;
  const rules = [...byRule(steps)].flatMap(([rule, [first]]) => {
    const part = skipped.has(rule) ? ", repaired in part" : "";
    return wrap(`${printable(first?.message ?? "")} (${rule}${part})`, { width: width(), indent: "  " });
  });
  return [`${printable(path)}: repaired these problems:`, ...rules].join("\n");
}

/** The steps by rule: one rule may need two, one in the directory and one in the data. */
function byRule(steps: readonly RepairStep[]): Map<string, RepairStep[]> {
  const rules = new Map<string, RepairStep[]>();
  for (const step of steps) {
    const same = rules.get(step.rule);
    if (same === undefined) rules.set(step.rule, [step]);
    else same.push(step);
  }
  return rules;
}

/**
 * What is still wrong after a repair, and what to do about it.
 *
 * @param skipped the rules of steps that were left out, because they move data
 */
export function renderRemaining(
  path: string,
  groups: readonly FindingGroup[],
  skipped: ReadonlySet<string>,
): string {
  const movesData = groups.filter(({ rule }) => skipped.has(rule));
  const never = groups.filter(({ rule, severity }) => !skipped.has(rule) && severity === "error");
  const advice = groups.filter(({ rule, severity }) => !skipped.has(rule) && severity !== "error");
  const names = advice.map(({ rule, count }) =>
    count === 1 ? rule : `${rule} (${formatCount(count)} times)`,
  );
  const other = `Warnings that remain: ${names.join(", ")}. ozx validate explains them.`;
  const heading = `Not repaired, because data must be moved (ozx fix ${printable(path)} -o repaired.ozx does that):`;
  return [
    ...(movesData.length === 0 ? [] : [heading, ...movesData.flatMap((group) => renderGroup(group, false))]),
    ...(never.length === 0
      ? []
      : ["Errors that fix cannot repair:", ...never.flatMap((group) => renderGroup(group, true))]),
    ...(advice.length === 0 ? [] : wrap(other, { width: width() })),
  ].join("\n");
}

function renderSteps([rule, steps]: readonly [string, readonly RepairStep[]]): string[] {
  const note = steps.some(({ moves }) => moves === "data") ? " (moves data)" : "";
  const [first] = steps;
  const message = printable(first?.message ?? "");
  return [`  ${styled("bold", rule)}${note}`, ...wrap(message, { width: width(), indent: "    " })];
}

function renderGroup({ rule, count, examples, help }: FindingGroup, helps: boolean): string[] {
  const times = count === 1 ? "" : `, ${formatCount(count)} times`;
  return [
    `  ${styled("bold", rule)}${times}`,
    ...examples.flatMap(({ message }) => wrap(printable(message), { width: width(), indent: "    " })),
    // Some rules advise to run this command, which has just been run.
    ...(helps && !help.startsWith('Let "ozx fix"')
      ? wrap(`→ ${help}`, { width: width(), indent: "    " })
      : []),
  ];
}

function width(): number {
  return textWidth();
}
