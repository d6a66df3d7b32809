import { type ReadOptions, UsageError } from "@ozx/core";
import { redactAddress } from "@ozx/core/internal";
import { isAddress } from "@ozx/core/internal/node";
import type { Command } from "commander";
import { renderRemaining, renderRepaired, renderRepairPlan } from "../render/repair-plan.js";
import {
  cutLeftover,
  openRepairable,
  type Repairable,
  rejectOtherOutput,
  remainingFindings,
  repairInPlace,
  rewriteArchive,
} from "../repair-archive.js";
import { type HelpSections, withHelp } from "../terminal/help-layout.js";
import { interruptible, OUTPUT_UNCHANGED } from "../terminal/interruption.js";
import { createOutput, type Output } from "../terminal/output.js";

interface FixFlags {
  readonly output?: string;
  readonly dryRun?: boolean;
  readonly force?: boolean;
  readonly tailOnly?: boolean;
  readonly quiet?: boolean;
}

export function defineFix(command: Command): Command {
  command
    .description(
      "Repairs an archive so that it follows RFC-9: in the file itself where no data must be moved, otherwise into a new file. No entry is lost if it is interrupted: run it again.",
    )
    .argument("<file>", "an .ozx or another zip")
    .option("-o, --output <path>", "write a new archive and leave the file as it is")
    .option("-n, --dry-run", "only print what would be done")
    .option(
      "-f, --force",
      "replace the output if it exists; without -o, replace the file itself, also where only bytes in it are unused",
    )
    .option("--tail-only", "repair what can be repaired in place, and leave the rest")
    .option("-q, --quiet", "print nothing but errors")
    .action(async (path: string, flags: FixFlags) => {
      await fix(path, flags, createOutput(flags));
    });
  return withHelp(command, HELP);
}

const HELP: HelpSections = {
  examples: [
    ["ozx fix --dry-run image.ozx", "show what would be done"],
    ["ozx fix image.ozx", "repair it in place, if no data must be moved"],
    ["ozx fix --tail-only huge.ozx", "only what can be repaired in place"],
    ["ozx fix foreign.zip -o image.ozx", "write a new archive"],
    ["ozx fix --force image.ozx", "also without what edits and other changes have left unused"],
  ],
};

async function fix(path: string, flags: FixFlags, out: Output): Promise<void> {
  const { output, dryRun, force = false, tailOnly = false, quiet = false } = flags;
  if (isAddress(path)) {
    throw new UsageError(
      `fix cannot change a file on a server: ozx convert ${redactAddress(path)} image.ozx writes a repaired copy`,
    );
  }
  if (output !== undefined) rejectOtherOutput(output);
  if (output !== undefined && tailOnly)
    throw new UsageError("--tail-only and -o cannot be used together: --tail-only repairs in place");
  await interruptible(
    async (signal) => {
      if (!dryRun && output === undefined) await cutLeftover(path, out);
      const strict = force && output === undefined && !tailOnly;
      const repairable = await openRepairable(path, { signal, tailOnly, strict });
      const { plan, skipped } = repairable;
      const skippedRules = new Set(skipped.map(({ rule }) => rule));
      try {
        if (dryRun) return out.data(renderRepairPlan(path, plan));
        if (output !== undefined)
          await rewriteArchive(repairable, output, out, { overwrite: force, quiet, signal });
        else await fixInPlace(path, repairable, out, { force, quiet, signal });
      } finally {
        await repairable.source.close();
      }
      out.note(renderRepaired(output ?? path, plan.steps, skippedRules));
      if (quiet) return;
      const remaining = await remainingFindings(output ?? path, { signal });
      // What was repaired at the end of the file and is still found also concerns the data before it.
      if (output === undefined) for (const { rule } of plan.steps) skippedRules.add(rule);
      if (remaining.length > 0) out.note(renderRemaining(path, remaining, skippedRules));
      out.note(
        `fix checks the records of the archive, not the pixels: ozx validate --deep ${output ?? path} checks both`,
      );
    },
    dryRun ? {} : { aftermath: OUTPUT_UNCHANGED },
  );
}

async function fixInPlace(
  path: string,
  repairable: Repairable,
  out: Output,
  { force, quiet, signal }: ReadOptions & { readonly force: boolean; readonly quiet: boolean },
): Promise<void> {
  switch (repairable.plan.kind) {
    case "nothing":
      return;
    case "tail":
      return repairInPlace(path, repairable, out, { signal });
    case "rewrite":
      if (force) return rewriteArchive(repairable, path, out, { overwrite: true, quiet, signal });
      throw new UsageError(
        `${path} cannot be repaired in place, because data must be moved: write a new file with -o, replace this one with --force, or repair the rest with --tail-only; --dry-run lists the repairs`,
      );
  }
}
