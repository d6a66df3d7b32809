import { createPlan, formatPlan, type PlanFile } from "@ozx/convert/node";
import { UsageError } from "@ozx/core";
import { formatBytes, formatCount, plural } from "@ozx/core/internal";
import { createChunkWorkers } from "@ozx/core/node";
import type { Command } from "commander";
import { type ConvertFlags, type ConvertRequest, PIPE, parseRequest } from "../convert/conversion-request.js";
import { partedFormat, plannedOptions } from "../convert/parted-conversion.js";
import { announcePlan, openInput, planConversion } from "../convert/plan-conversion.js";
import { preparePlan } from "../convert/plan-location.js";
import { withAxesOption } from "../options/axes-option.js";
import { addConversionOptions } from "../options/conversion-options.js";
import { withHttpOptions } from "../options/http-options.js";
import { renderDamage } from "../render/lost-values.js";
import { type HelpSections, withHelp } from "../terminal/help-layout.js";
import { interruptible } from "../terminal/interruption.js";
import { createOutput, type Output } from "../terminal/output.js";

interface PlanFlags extends Omit<ConvertFlags, "output"> {
  readonly parts: number;
  readonly output: string;
}

export function definePlan(command: Command): Command {
  command
    .description(
      "Divides a conversion into parts, each of which another process runs with ozx run, on this computer or on others that see the same files or bucket. No pixels are read yet, except with --allow-damaged. ozx finish makes the parts one .ozx, with the same bytes as of ozx convert.",
    )
    .argument("<input>", "an OME-Zarr folder, an .ozx, a zip, or an http(s):// or s3:// address of one")
    .argument("<output>", "a name ending in .ozx, or an s3:// address of one")
    .requiredOption(
      "-p, --parts <n>",
      "how many parts there may be; fewer where there is little to do",
      parseParts,
    )
    .requiredOption("-o, --output <plan>", "the file of the plan to write, or an s3:// address");
  addConversionOptions(command)
    .option("-f, --force", "replace the plan if it exists, and let finish replace the output")
    .option("-q, --quiet", "print nothing but errors")
    .action(async (input: string, output: string, flags: PlanFlags) => {
      const { output: place, parts, ...rest } = flags;
      await plan(parseRequest([input, output], rest), { place, parts }, createOutput(flags));
    });
  return withHelp(withAxesOption(withHttpOptions(command)), HELP);
}

const HELP: HelpSections = {
  examples: [
    ["ozx plan plate.zarr plate.ozx --parts 96 -o plan.json"],
    ["ozx run plan.json --part 17", "from 0; in an array of jobs, the part of the task"],
    ["ozx finish plan.json"],
    ["ozx plan plate.zarr s3://bucket/plate.ozx --parts 96 -o plan.json", "all into one upload"],
  ],
  notes: ["ozx finish --abandon removes what a plan has prepared."],
};

function parseParts(text: string): number {
  const parts = /^\d+$/.test(text) ? Number(text) : 0;
  if (parts >= 1 && parts <= 100_000) return parts;
  throw new UsageError(`--parts takes a number from 1 to 100000, not ${text}`);
}

async function plan(
  request: ConvertRequest,
  { place: location, parts }: { readonly place: string; readonly parts: number },
  out: Output,
): Promise<void> {
  const { input: path, output, overwrite } = request;
  if (output === PIPE)
    throw new UsageError("a pipe cannot be written in parts: give a name that ends in .ozx");
  const format = partedFormat(output);
  const made = await interruptible(async (signal) => {
    const workers = createChunkWorkers({ workers: 1 });
    const input = await openInput(request, { workers, signal });
    try {
      const conversion = await planConversion(request, input, { workers, out, signal });
      await announcePlan(conversion, request, out);
      for (const line of renderDamage(conversion.damageOfArrays)) out.note(line);
      if (conversion.invalid !== undefined) out.note(conversion.invalid.message);
      const place = await preparePlan(location, overwrite);
      try {
        const options = plannedOptions(request, conversion);
        const { transfer } = conversion;
        const created = await createPlan(
          { transfer, format, parts, input: path, output, overwrite, options },
          { signal },
        );
        await place.write(formatPlan(created));
        return created;
      } catch (error) {
        await place.discard();
        throw error;
      }
    } finally {
      await Promise.all([input.close(), workers.close()]);
    }
  });
  report(made, location, out);
}

function report(
  { parts, entries, bytes, largestPart, output }: PlanFile,
  location: string,
  out: Output,
): void {
  out.note(
    `${location}: ${plural(parts, "part")} of ${output}, about ${formatBytes(bytes)} in ${plural(entries, "entry", "entries")}, at most ${formatBytes(largestPart)} a part`,
  );
  out.note(`Run parts 0 to ${formatCount(parts - 1)} with ozx run ${location}, then ozx finish ${location}.`);
}
