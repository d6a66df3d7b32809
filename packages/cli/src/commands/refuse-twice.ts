import { shownAddress, UsageError } from "@ozx/core";
import type { Command, Option } from "commander";

/**
 * Refuses options that take one value and are given twice: commander would take the last and drop the others without
 * a word, and which one was meant is not known.
 */
export function refuseTwice(command: Command): void {
  for (const option of command.options) {
    const takesValue = option.required || option.optional;
    if (!takesValue || option.variadic || REPEATED.has(option.name())) continue;
    let earlier: string | undefined;
    command.on(`option:${option.name()}`, (value: string) => {
      if (earlier !== undefined) throw givenTwice(option, earlier, value);
      earlier = value;
    });
  }
}

/** Options that gather what they are given. */
const REPEATED: ReadonlySet<string> = new Set(["header", "leave-out"]);

function givenTwice({ long }: Option, earlier: string, value: string): UsageError {
  const hint = RANGES.has(long ?? "") ? "; neighbours are one range, as in 0:2" : "";
  return new UsageError(
    `${long} is given twice, as ${shownAddress(earlier)} and ${shownAddress(value)}, and takes one value${hint}`,
  );
}

const RANGES: ReadonlySet<string> = new Set(["--t", "--c", "--z", "--y", "--x", "--levels"]);
