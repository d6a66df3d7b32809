import { type FindingGroup, formatCount, plural } from "@ozx/core";
import type { FixPlan, FixStep } from "@ozx/store-zip";
import { printable, textWidth, wrap } from "../render/wrap.js";
import { styled } from "../terminal/output.js";

/** What `ozx fix --dry-run` prints. */
export function renderPlan(path: string, { kind, steps }: FixPlan): string {
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

/** What was mended. */
export function renderMended(path: string, steps: readonly FixStep[]): string {
  const rules = [...byRule(steps).keys()];
  const what = rules.length === 0 ? "nothing had to be mended" : `mended ${rules.join(", ")}`;
  return wrap(`${printable(path)}: ${what}`, { width: width() }).join("\n");
}

/** One rule may be mended twice: in the directory, and in the order of the data. */
function byRule(steps: readonly FixStep[]): Map<string, FixStep[]> {
  const rules = new Map<string, FixStep[]>();
  for (const step of steps) {
    const same = rules.get(step.rule);
    if (same === undefined) rules.set(step.rule, [step]);
    else same.push(step);
  }
  return rules;
}

/** What could not be mended, and what to do about it. */
export function renderRemaining(groups: readonly FindingGroup[]): string {
  return ["What fix cannot mend:", ...groups.flatMap(renderGroup)].join("\n");
}

function renderSteps([rule, steps]: readonly [string, readonly FixStep[]]): string[] {
  const note = steps.some(({ moves }) => moves === "data") ? " (moves data)" : "";
  const [first] = steps;
  const message = printable(first?.message ?? "");
  return [`  ${styled("bold", rule)}${note}`, ...wrap(message, { width: width(), indent: "    " })];
}

function renderGroup({ rule, count, examples, help }: FindingGroup): string[] {
  const times = count === 1 ? "" : `, ${formatCount(count)} times`;
  return [
    `  ${styled("bold", rule)}${times}`,
    ...examples.flatMap(({ message }) => wrap(printable(message), { width: width(), indent: "    " })),
    ...wrap(`→ ${help}`, { width: width(), indent: "    " }),
  ];
}

function width(): number {
  return textWidth(process.stdout.columns);
}
