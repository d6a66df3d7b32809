import type { Finding } from "@ozx/core";
import { formatCount, redactAddress } from "@ozx/core/internal";
import { isAddress } from "@ozx/core/internal/node";
import type { FindingGroup } from "@ozx/core/validate";
import { type Remedy, remedyFor } from "@ozx/store-zip/internal";
import { styled } from "../terminal/output.js";
import { clip, printable, shellWord, wrap } from "../terminal/text-layout.js";

/** What an image is better off with, but is valid without: a line for each kind says enough. */
export function isRecommendation({ level, severity }: Pick<Finding, "level" | "severity">): boolean {
  return severity !== "error" && (level === "SHOULD" || level === "MAY" || severity === "info");
}

/**
 * One line for each kind of recommendation that is not followed, with how often, and the one command that follows as many
 * as a command can.
 *
 * @param path the input, as it was given
 * @param width the characters of a line
 */
export function renderRecommendations(
  path: string,
  groups: readonly FindingGroup[],
  width: number,
): string[] {
  if (groups.length === 0) return [];
  const digits = Math.max(...groups.map(({ count }) => formatCount(count).length));
  const lines = groups.map(({ rule, severity, count, examples }) => {
    const [first] = examples;
    const text = `${formatCount(count).padStart(digits)} × ${rule}: ${printable(first?.message ?? "")}`;
    const style = severity === "info" ? "cyan" : "yellow";
    return `  ${styled(style, severity.padEnd(7))} ${clip(text, width - 10)}`;
  });
  return [...lines, ...renderRemedy(path, groups, width)];
}

function renderRemedy(path: string, groups: readonly FindingGroup[], width: number): string[] {
  // A remark needs no action, and is no reason to write a file again.
  const warnings = groups.filter(({ severity }) => severity === "warning");
  if (warnings.length === 0) return [];
  const followed = warnings.filter(({ rule }) => remedyFor(rule) !== undefined);
  const command = remedyCommand(
    path,
    followed.map(({ rule }) => remedyFor(rule) as Remedy),
  );
  if (command === undefined) return wrap("→ -v says what to do about them.", { width, indent: "  " });
  const all = warnings.length === 1 ? "this warning" : "all of these warnings";
  const what =
    followed.length === warnings.length
      ? `ends ${all}.`
      : `ends ${followed.map(({ rule }) => rule).join(", ")}; -v says what to do about the rest.`;
  // The command stays on one line, to be copied.
  return [`  → ${command}`, ...wrap(what, { width, indent: "    " })];
}

/** The command that follows all of these remedies; undefined where there is none. */
function remedyCommand(path: string, remedies: readonly Remedy[]): string | undefined {
  if (remedies.length === 0) return undefined;
  const input = shellWord(printable(redactAddress(path)));
  if (remedies.every((remedy) => remedy === "fix") && !isAddress(path)) return `ozx fix ${input}`;
  const name = path.replace(/[?#].*$/, "").replace(/^.*:\/\/.*\//, "");
  const output = shellWord(printable(name.replace(/(?:\.\w+)?\/*$/, "-new.ozx")));
  return `ozx convert ${input} ${output}${remedies.includes("shard") ? " --shard auto" : ""}`;
}
