import { type Store, UsageError } from "@ozx/core";
import type { Command } from "commander";

/** The option of commands whose input may be a stack that does not say what its planes are. */
export interface AxesFlags {
  readonly axes?: string;
}

/** Adds `--axes`. */
export function withAxesOption(command: Command): Command {
  return command.option(
    "--axes <axes>",
    "what the planes of a TIFF are that does not say it: t, c or z; or several from the slowest on, as in t=10,c=2,z",
  );
}

/**
 * Refuses `--axes` for an input that has axes of its own.
 *
 * @throws UsageError
 */
export function checkAxesFit(
  { name, format }: Pick<Store, "name" | "format">,
  axes: string | undefined,
): void {
  if (axes === undefined || format === "tiff") return;
  throw new UsageError(`--axes is for TIFFs, and ${name} says itself what its axes are: leave it out`);
}
