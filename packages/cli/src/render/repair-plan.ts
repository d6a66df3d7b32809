import { type FindingGroup, formatCount, plural } from "@ozx/core";
import type { RepairPlan, RepairStep } from "@ozx/store-zip";
import { styled } from "../terminal/output.js";
import { printable, textWidth, wrap } from "../terminal/text-layout.js";

/** What `ozx fix --dry-run` prints. */
export function renderRepairPlan(path: string, { kind, steps }: RepairPlan): string {
  const name = printable(path);
  if (kind === "nothing") return `${name}: nothing to mend`;
  const how =
    kind === "tail"
      ? "by writing the end of the file again; no data is moved"
      : "into a new file (-o OUT, or --force to replace this one)";
  const rules = byRule(steps);
  return [
    ...wrap(`${name}: ${plural(rules.size, "thing")} to mend, ${how}`, { width: width() }),
    ...[...rules].flatMap(renderSteps),
  ].join("\n");
}

/** What was mended; in part, where the rest of it was left. */
export function renderRepaired(
  path: string,
  steps: readonly RepairStep[],
  left: ReadonlySet<string> = new Set(),
): string {
  if (steps.length === 0) return `${printable(path)}: nothing had to be mended`;
  const rules = [...byRule(steps)].flatMap(([rule, [first]]) => {
    const part = left.has(rule) ? ", mended in part" : "";
    return wrap(`${printable(first?.message ?? "")} (${rule}${part})`, { width: width(), indent: "  " });
  });
  return [`${printable(path)}: mended. Before, this was wrong:`, ...rules].join("\n");
}

/** One rule may be mended twice: in the directory, and in the order of the data. */
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
 * What is still wrong, and what to do about it.
 *
 * @param left the rules that were left because data would have to be moved
 */
export function renderRemaining(
  path: string,
  groups: readonly FindingGroup[],
  left: ReadonlySet<string>,
): string {
  const forData = groups.filter(({ rule }) => left.has(rule));
  const never = groups.filter(({ rule, severity }) => !left.has(rule) && severity === "error");
  const advice = groups.filter(({ rule, severity }) => !left.has(rule) && severity !== "error");
  const names = advice.map(({ rule, count }) =>
    count === 1 ? rule : `${rule} (${formatCount(count)} times)`,
  );
  const other = `What fix cannot mend, and readers put up with: ${names.join(", ")}. ozx validate says more.`;
  const heading = `Left, for data would have to be moved (ozx fix ${printable(path)} -o mended.ozx mends it):`;
  return [
    ...(forData.length === 0 ? [] : [heading, ...forData.flatMap((group) => renderGroup(group, false))]),
    ...(never.length === 0
      ? []
      : ["What fix cannot mend:", ...never.flatMap((group) => renderGroup(group, true))]),
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
    // The advice of some rules is this command, which has just been run.
    ...(helps && !help.startsWith('Let "ozx fix"')
      ? wrap(`→ ${help}`, { width: width(), indent: "    " })
      : []),
  ];
}

function width(): number {
  return textWidth(process.stdout.columns);
}
