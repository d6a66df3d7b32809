import type { TransferPlan } from "@ozx/convert";
import type { StagedOutput } from "@ozx/convert/node";
import { redactAddress } from "@ozx/core/internal";
import { compareImages } from "../compare-images.js";
import { OutputDiffersError } from "../terminal/report-error.js";
import type { ConvertRequest } from "./conversion-request.js";

/**
 * Compares the complete output of a conversion with its input, before it is published. Levels that the plan adds are not
 * compared. An output that differs is discarded.
 *
 * @throws OutputDiffersError when it differs
 */
export async function verifyOutput(
  { input, output, selection, workers, memory, quiet, http, open }: ConvertRequest,
  { levels, described }: TransferPlan,
  staged: StagedOutput,
  signal: AbortSignal,
): Promise<void> {
  const { path } = staged;
  const options = { selection, added: levels, described, workers, memory, quiet, http, signal };
  const [difference] = (await compareImages(open ?? input, path, options)).differences;
  if (difference === undefined) return;
  await staged.discard();
  const message = difference.message.replaceAll(path, output);
  throw new OutputDiffersError(
    `${output} was not written, because it would differ from ${redactAddress(input)}: ${message}`,
  );
}
