import { abandonPlan, finishPlan, missingParts, type PlanFile } from "@ozx/convert/node";
import type { Progress } from "@ozx/core/container";
import { formatBytes, formatCount, formatSeconds, plural } from "@ozx/core/internal";
import type { Command } from "commander";
import { partedFormat } from "../convert/parted-conversion.js";
import { readPlan } from "../convert/plan-location.js";
import { EXIT } from "../terminal/exit-codes.js";
import { type HelpSections, withHelp } from "../terminal/help-layout.js";
import { interruptible, OUTPUT_UNCHANGED } from "../terminal/interruption.js";
import { createOutput, type Output } from "../terminal/output.js";
import { createProgress } from "../terminal/progress.js";

interface FinishFlags {
  readonly quiet?: boolean;
  readonly abandon?: boolean;
}

export function defineFinish(command: Command): Command {
  command
    .description(
      "Completes the output of a plan, once all of its parts have run, and puts it at its place. Parts that are missing are named, and the exit code is 75: run them, then finish again.",
    )
    .argument("<plan>", "the file of the plan, or an s3:// address")
    .option("--abandon", "give the plan up instead: remove what its parts have written, and abort its upload")
    .option("-q, --quiet", "print nothing but errors and what was written")
    .action(async (plan: string, flags: FinishFlags) => {
      process.exitCode = await finish(plan, flags);
    });
  return withHelp(command, HELP);
}

const HELP: HelpSections = {
  examples: [
    ["ozx finish plan.json", "the output is complete"],
    ["ozx finish plan.json --abandon", "nothing is left of it"],
  ],
};

async function finish(location: string, flags: FinishFlags): Promise<number> {
  const started = performance.now();
  const out = createOutput(flags);
  return interruptible(
    async (signal) => {
      const plan = await readPlan(location, signal);
      if (flags.abandon) {
        await abandonPlan(plan, { signal });
        out.note(`${plan.output}: the plan is given up, and nothing is left of it`);
        return EXIT.ok;
      }
      const progress = createProgress(process.stderr, { verb: "Joining", bytes: plan.bytes });
      const onProgress = (done: Progress): void => {
        if (!flags.quiet) progress.update(done);
      };
      try {
        const format = partedFormat(plan.output);
        const size = await finishPlan({ plan, format }, { signal, onProgress });
        progress.clear();
        const seconds = formatSeconds((performance.now() - started) / 1000);
        if (size === undefined) out.note(`${plan.output} is complete already: nothing to do`);
        else out.summary(`${plan.output}: ${plural(plan.parts, "part")}, ${formatBytes(size)}, ${seconds}`);
        return EXIT.ok;
      } catch (error) {
        progress.clear();
        const missing = await missingParts(plan, { signal });
        if (missing.length === 0 || signal.aborted) throw error;
        reportMissing(plan, missing, out);
        return EXIT.tryAgain;
      }
    },
    { aftermath: OUTPUT_UNCHANGED },
  );
}

const MOST_SHOWN = 50;

function reportMissing({ parts, output }: PlanFile, missing: readonly number[], out: Output): void {
  const rest = missing.length - MOST_SHOWN;
  const shown = `${missing.slice(0, MOST_SHOWN).join(", ")}${rest > 0 ? ` and ${formatCount(rest)} more` : ""}`;
  out.error(
    `${output} cannot be finished: ${formatCount(missing.length)} of ${plural(parts, "part")} (from 0) are not written: ${shown}; run them, then finish again`,
  );
}
