import { type ReadOptions, redactAddress, UsageError } from "@ozx/core";
import { isAddress } from "@ozx/core/node";
import { Command } from "commander";
import { renderRemaining, renderRepaired, renderRepairPlan } from "../render/repair-plan.js";
import {
  openRepairable,
  type Repairable,
  rejectOtherOutput,
  remainingFindings,
  repairInPlace,
  rewriteArchive,
} from "../repair-archive.js";
import { interruptible, OUTPUT_UNCHANGED } from "../terminal/exit.js";
import { createOutput, type Output } from "../terminal/output.js";
import { examples, helpText } from "../terminal/text-layout.js";

interface FixFlags {
  readonly output?: string;
  readonly dryRun?: boolean;
  readonly force?: boolean;
  readonly tailOnly?: boolean;
  readonly quiet?: boolean;
}

export function fixCommand(): Command {
  return new Command("fix")
    .summary("mend what an archive lacks: comment, order, ZIP64, compression")
    .description(
      "Mends an archive so that it is as RFC-9 has it. What can be mended without moving data is mended in the file itself, which stays whole at every moment; the rest needs a new file.",
    )
    .argument("<file>", "an .ozx or another zip")
    .option("-o, --output <path>", "write a new archive and leave the file as it is")
    .option("-n, --dry-run", "only say what would be done")
    .option("-f, --force", "replace the output if it exists; without -o, replace the file itself")
    .option("--tail-only", "mend in place what needs no data moved, and leave the rest")
    .option("-q, --quiet", "say nothing but errors")
    .addHelpText(
      "after",
      helpText(
        examples([
          ["ozx fix --dry-run image.ozx", "what would be done"],
          ["ozx fix image.ozx", "mend it in place, if no data has to be moved"],
          ["ozx fix --tail-only huge.ozx", "as far as it goes without moving data"],
          ["ozx fix foreign.zip -o image.ozx", "a new archive, whatever has to be moved"],
        ]),
      ),
    )
    .action(async (path: string, flags: FixFlags) => {
      await fix(path, flags, createOutput(flags));
    });
}

async function fix(path: string, flags: FixFlags, out: Output): Promise<void> {
  const { output, dryRun, force = false, tailOnly = false, quiet = false } = flags;
  if (isAddress(path)) {
    throw new UsageError(
      `fix cannot change a file on a server: ozx convert ${redactAddress(path)} image.ozx writes a mended copy`,
    );
  }
  if (output !== undefined) rejectOtherOutput(output);
  if (output !== undefined && tailOnly) throw new UsageError("--tail-only mends in place: leave -o out");
  await interruptible(
    async (signal) => {
      const fixable = await openRepairable(path, { signal, tailOnly });
      const { plan, skipped: left } = fixable;
      const leftRules = new Set(left.map(({ rule }) => rule));
      try {
        if (dryRun) return out.data(renderRepairPlan(path, plan));
        if (output !== undefined)
          await rewriteArchive(fixable, output, out, { overwrite: force, quiet, signal });
        else await fixInPlace(path, fixable, out, { force, quiet, signal });
      } finally {
        await fixable.source.close();
      }
      out.note(renderRepaired(output ?? path, plan.steps, leftRules));
      if (quiet) return;
      const remaining = await remainingFindings(output ?? path, { signal });
      // What was mended in the end of the file, and is still told of, is in front of the data too.
      if (output === undefined) for (const { rule } of plan.steps) leftRules.add(rule);
      if (remaining.length > 0) out.note(renderRemaining(path, remaining, leftRules));
      out.note(
        `fix looks at the archive's records, not at the pixels: ozx validate --deep ${output ?? path} reads them`,
      );
    },
    dryRun ? {} : { aftermath: OUTPUT_UNCHANGED },
  );
}

async function fixInPlace(
  path: string,
  fixable: Repairable,
  out: Output,
  { force, quiet, signal }: ReadOptions & { readonly force: boolean; readonly quiet: boolean },
): Promise<void> {
  switch (fixable.plan.kind) {
    case "nothing":
      return;
    case "tail":
      return repairInPlace(path, fixable, out, { signal });
    case "rewrite":
      if (force) return rewriteArchive(fixable, path, out, { overwrite: true, quiet, signal });
      throw new UsageError(
        `${path} cannot be mended where it lies, for data has to be moved: give a new file with -o, or --force to replace it, or --tail-only to do the rest; --dry-run lists it`,
      );
  }
}
