import { UsageError } from "@ozx/core";
import { redactAddress } from "@ozx/core/internal";
import type { Command, Option } from "commander";

/**
 * Makes a command throw `UsageError` when an option that takes one value is given twice. Commander would take the last
 * value and silently drop the others.
 */
export function rejectRepeatedOptions(command: Command): void {
  for (const option of command.options) {
    const takesValue = option.required || option.optional;
    const isRepeatable =
      REPEATABLE.has(option.name()) || REPEATABLE.has(`${command.name()} ${option.name()}`);
    if (!takesValue || option.variadic || isRepeatable) continue;
    let earlier: string | undefined;
    command.on(`option:${option.name()}`, (value: string) => {
      if (earlier !== undefined) throw givenTwice(option, earlier, value);
      earlier = value;
    });
  }
}

/** Options that collect their values, of all commands or of one. */
const REPEATABLE: ReadonlySet<string> = new Set([
  "header",
  "leave-out",
  "channel",
  "rename-channel",
  "drop-channel",
  "rename-well",
  "edit acquisition",
]);

function givenTwice({ long }: Option, earlier: string, value: string): UsageError {
  const hint = RANGES.has(long ?? "") ? "; adjacent positions are one range, as in 0:2" : "";
  return new UsageError(
    `${long} takes one value but is given twice, as ${redactAddress(earlier)} and ${redactAddress(value)}${hint}`,
  );
}

const RANGES: ReadonlySet<string> = new Set(["--t", "--c", "--z", "--y", "--x", "--levels"]);
