import { runTransfer } from "@ozx/convert";
import { type Destination, destinationFor } from "@ozx/convert/node";
import { isOzxError } from "@ozx/core";
import type { Progress, Resumption } from "@ozx/core/container";
import { formatBytes, formatSeconds, plural, redactAddress } from "@ozx/core/internal";
import { formats } from "../formats.js";
import { formatSelection } from "../options/transfer-options.js";
import { renderDamage } from "../render/lost-values.js";
import { describeVersions } from "../render/transfer-plan.js";
import { InterruptedError } from "../terminal/interruption.js";
import type { Output } from "../terminal/output.js";
import { createProgress } from "../terminal/progress.js";
import { OutputDiffersError } from "../terminal/report-error.js";
import { type ConvertRequest, PIPE } from "./conversion-request.js";
import { describeLeftover, describeResumption, resumeHint } from "./leftovers.js";
import type { Conversion } from "./plan-conversion.js";
import { verifyOutput } from "./verify-output.js";

export interface RunConversionOptions {
  readonly out: Output;
  readonly signal: AbortSignal;
}

/**
 * Writes the output, with progress on the terminal. It is published when all of it is written and, with `--verify`,
 * the same as the input.
 *
 * @returns what was written
 * @throws OutputDiffersError when the verification failed, and what `runTransfer` throws
 */
export async function runConversion(
  request: ConvertRequest,
  { transfer, destination }: Conversion,
  { out, signal }: RunConversionOptions,
): Promise<Progress> {
  const { quiet, workers } = request;
  const verb = destination.zarrFormat === undefined ? "Unpacking" : "Packing";
  const progress = createProgress(process.stderr, { verb, bytes: transfer.bytes });
  let written: Progress | undefined;
  const onProgress = (now: Progress): void => {
    written = now;
    if (!quiet) progress.update(now);
  };
  const onResume = (resumption: Resumption): void => {
    out.note(describeResumption(resumption, transfer, request));
    progress.startAt(resumption.done);
  };
  const writing = { signal, onProgress, onResume, workers };
  try {
    if (request.verify) {
      const staged = await destination.stage();
      try {
        await runTransfer(transfer, staged.target, writing);
        progress.clear();
        await verifyOutput(request, transfer, staged, signal);
        await staged.publish();
      } finally {
        await staged.close();
      }
    } else await runTransfer(transfer, await destination.open(), writing);
  } catch (error) {
    progress.clear();
    const cannotResume = isOzxError(error, "Usage") || error instanceof OutputDiffersError;
    if (request.resume && !cannotResume) await explainResume(request.output, out, signal);
    throw error;
  } finally {
    progress.clear();
  }
  if (request.resume) await reportUnused(request.output, destination, out);
  // The size of generated entries is known only now.
  if (transfer.generated !== undefined && written !== undefined) return written;
  return { entries: transfer.entries.length, bytes: transfer.bytes };
}

/** Reports leftovers that the run has neither resumed nor removed. */
async function reportUnused(output: string, { leftovers }: Destination, out: Output): Promise<void> {
  const journaled = new Set(leftovers.filter(({ journal }) => journal).map(({ path }) => path));
  if (journaled.size === 0) return;
  const remaining = await destinationFor(output, { formats, overwrite: true });
  for (const leftover of remaining.leftovers) {
    if (journaled.has(leftover.path)) out.note(describeLeftover(leftover, { isUnused: true }));
  }
}

/** Says how a run that failed can be continued: an interrupted one in the message about that. */
async function explainResume(output: string, out: Output, signal: AbortSignal): Promise<void> {
  const hint = await resumeHint(output);
  if (hint === undefined) return;
  const reason: unknown = signal.reason;
  if (reason instanceof InterruptedError) reason.aftermath = hint;
  else out.note(hint);
}

/** What was written, as a line. */
export function describeConversion(
  { output }: Pick<ConvertRequest, "output">,
  { transfer }: Conversion,
  written: Progress,
  seconds: number,
): string {
  const name = output === PIPE ? "standard output" : output;
  const size = `${plural(written.entries, "entry", "entries")}, ${formatBytes(written.bytes)}`;
  return `${name}: ${describeVersions(transfer, "→").join(" ")}, ${size}, ${formatSeconds(seconds)}`;
}

/** Says what was written, and what of it was verified. */
export function reportConversion(
  request: ConvertRequest,
  conversion: Conversion,
  { written, seconds, out }: { readonly written: Progress; readonly seconds: number; readonly out: Output },
): void {
  const { input, output, selection, verify } = request;
  out.note(describeConversion(request, conversion, written, seconds));
  if (verify) {
    const part = selection === undefined ? "" : ` (${formatSelection(selection)})`;
    out.note(
      `${output}: all pixels and metadata are the same as in ${redactAddress(input)}${part}; identical chunks were not decoded`,
    );
  }
  for (const line of renderDamage(conversion.damageOfArrays)) out.summary(line);
  if (conversion.invalid !== undefined) out.note(conversion.invalid.message);
}
