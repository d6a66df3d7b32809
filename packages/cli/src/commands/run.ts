import { type PartOutcome, runPart } from "@ozx/convert/node";
import { UsageError } from "@ozx/core";
import type { Progress } from "@ozx/core/container";
import { formatBytes, formatSeconds, plural } from "@ozx/core/internal";
import type { Command } from "commander";
import { partedFormat, planAgain } from "../convert/parted-conversion.js";
import { readPlan } from "../convert/plan-location.js";
import { type HttpFlags, withHttpOptions } from "../options/http-options.js";
import { TASK_VARIABLES, taskIndex } from "../options/task-index.js";
import { parseJobs } from "../options/transfer-options.js";
import { type HelpSections, withHelp } from "../terminal/help-layout.js";
import { interruptible } from "../terminal/interruption.js";
import { createOutput } from "../terminal/output.js";
import { createProgress } from "../terminal/progress.js";

interface RunFlags extends HttpFlags {
  readonly part?: number;
  readonly jobs?: number;
}

export function defineRun(command: Command): Command {
  command
    .description(
      "Runs one part of a plan. It may be run again at any time, and twice at once: a part that is written already ends at once with 0.",
    )
    .argument("<plan>", "the file of the plan, or an s3:// address")
    .option("-p, --part <n>", "the part, from 0; by default that of the task in an array of jobs", parsePart)
    .option("-j, --jobs <n>", "threads that encode and write; by default one for each processor", parseJobs)
    .option("-q, --quiet", "print nothing but errors and what was written")
    .action((plan: string, flags: RunFlags) => run(plan, flags));
  return withHelp(withHttpOptions(command), HELP);
}

const HELP: HelpSections = {
  examples: [
    ["ozx run plan.json --part 17"],
    ["sbatch --array=1-96 --wrap 'ozx run plan.json'", "Slurm counts from 1: task 1 runs part 0"],
    ["parallel ozx run plan.json --part {} ::: {0..95}", "GNU parallel"],
  ],
  notes: [
    `The task is found in ${TASK_VARIABLES.join(", ")}. AWS Batch and Kubernetes count from 0, the others from 1. A task for which the plan has no part ends with 0.`,
  ],
};

function parsePart(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new UsageError(`--part takes the number of a part, from 0, not ${text}`);
}

async function run(location: string, flags: RunFlags): Promise<void> {
  const started = performance.now();
  const out = createOutput(flags);
  const part = flags.part ?? taskIndex(process.env);
  if (part === undefined) {
    throw new UsageError(
      `give the part with --part: no array of jobs tells it (${TASK_VARIABLES.join(", ")})`,
    );
  }
  const { plan, outcome } = await interruptible(
    async (signal) => {
      const plan = await readPlan(location, signal);
      // An array may have been made for more parts than there are.
      if (flags.part === undefined && part >= plan.parts) return { plan, outcome: undefined };
      const again = planAgain(plan, flags, signal);
      const progress = createProgress(process.stderr, {
        verb: "Writing",
        bytes: plan.work[part]?.bytes ?? 0,
      });
      try {
        const onProgress = (done: Progress): void => {
          if (!flags.quiet) progress.update(done);
        };
        const format = partedFormat(plan.output);
        const request = { plan, part, format, transfer: again.transfer };
        return { plan, outcome: await runPart(request, { signal, onProgress, workers: flags.jobs }) };
      } finally {
        progress.clear();
        await again.close();
      }
    },
    { aftermath: "Run the part again." },
  );
  const name = `part ${part} of ${plan.output}`;
  if (outcome === undefined) out.note(`nothing to do: the plan has ${plural(plan.parts, "part")}, from 0`);
  else report(name, outcome, (performance.now() - started) / 1000, out);
}

function report(
  name: string,
  { isWritten, written: { entries, bytes } }: PartOutcome,
  seconds: number,
  out: ReturnType<typeof createOutput>,
): void {
  if (!isWritten) {
    out.note(`${name} is written already: nothing to do`);
    return;
  }
  out.summary(
    `${name}: ${plural(entries, "entry", "entries")}, ${formatBytes(bytes)}, ${formatSeconds(seconds)}`,
  );
}
