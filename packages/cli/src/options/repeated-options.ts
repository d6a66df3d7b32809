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
    if (!takesValue || option.variadic || REPEATABLE.has(option.name())) continue;
    let earlier: string | undefined;
    command.on(`option:${option.name()}`, (value: string) => {
      if (earlier !== undefined) throw givenTwice(option, earlier, value);
      earlier = value;
    });
  }
}

/** Options that collect their values. */
const REPEATABLE: ReadonlySet<string> = new Set(["header", "leave-out"]);

function givenTwice({ long }: Option, earlier: string, value: string): UsageError {
  const hint = RANGES.has(long ?? "") ? "; adjacent positions are one range, as in 0:2" : "";
  return new UsageError(
    `${long} takes one value but is given twice, as ${redactAddress(earlier)} and ${redactAddress(value)}${hint}`,
  );
}

const RANGES: ReadonlySet<string> = new Set(["--t", "--c", "--z", "--y", "--x", "--levels"]);
