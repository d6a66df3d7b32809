import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { DestinationExistsError, isOzxError, NotFoundError } from "@ozx/core";
import { redactAddress } from "@ozx/core/internal";
import { isAddress, writeFailure } from "@ozx/core/internal/node";
import { openPath } from "@ozx/core/node";
import { formats } from "../formats.js";
import { summarizeDamage } from "../render/lost-values.js";
import { EXIT } from "../terminal/exit-codes.js";
import type { Output } from "../terminal/output.js";
import { exitCodeFor, messageOf } from "../terminal/report-error.js";
import type { ConvertRequest } from "./conversion-request.js";
import { convertImage } from "./convert-image.js";
import { describeConversion } from "./run-conversion.js";
import type { ImageOutcome } from "./run-log.js";

/**
 * Carries out one of several conversions. A complete output that exists is left as it is.
 *
 * @returns what became of it, also where it failed or was aborted
 */
export async function convertOne(
  request: ConvertRequest,
  out: Output,
  signal: AbortSignal,
): Promise<ImageOutcome> {
  const started = performance.now();
  const { output } = request;
  const input = redactAddress(request.input);
  const ended = (outcome: Pick<ImageOutcome, "state" | "bytes" | "exitCode" | "message">): ImageOutcome => ({
    input,
    output,
    ...outcome,
    seconds: (performance.now() - started) / 1000,
  });
  try {
    if (!request.dryRun) await createFolder(output);
    const converted = await convertImage(request, out, signal);
    const written = converted?.written ?? { entries: 0, bytes: 0 };
    const seconds = (performance.now() - started) / 1000;
    const invalid = converted?.conversion.invalid;
    const line = converted ? describeConversion(request, converted.conversion, written, seconds) : "";
    const damage = converted?.conversion.damageOfArrays ?? [];
    const sentences = [
      ...(damage.length > 0 ? [summarizeDamage(damage)] : []),
      ...(invalid ? [invalid.message] : []),
    ];
    const message = [line, ...sentences].join(". ");
    return ended({ state: "written", bytes: written.bytes, exitCode: EXIT.ok, message });
  } catch (cause) {
    // The platform does not always throw the reason of an abort itself.
    const error: unknown = signal.aborted ? signal.reason : cause;
    if (isOzxError(error, "DestinationExists")) {
      const damage = await whyIncomplete(request, signal);
      if (damage === undefined) {
        const message = `${output} exists: nothing to do`;
        return ended({ state: "exists", bytes: 0, exitCode: EXIT.ok, message });
      }
      return ended({ state: "failed", bytes: 0, exitCode: EXIT.exists, message: messageOf(damage) });
    }
    return ended({ state: "failed", bytes: 0, exitCode: exitCodeFor(error), message: messageOf(error) });
  }
}

/** The error for an output that is there, but is not a whole image; undefined for one that is. */
async function whyIncomplete({ output }: ConvertRequest, signal: AbortSignal): Promise<unknown> {
  try {
    const store = await openPath(output, { formats, signal, wholeIndex: true });
    try {
      const documents = ["/zarr.json", "/.zgroup", "/.zattrs"] as const;
      for (const key of documents) if ((await store.get(key, { signal })) !== undefined) return undefined;
    } finally {
      await store.close();
    }
    throw new NotFoundError(`${output} has no metadata at its root`, { location: output });
  } catch (error) {
    signal.throwIfAborted();
    return new DestinationExistsError(
      `${output} exists already and is not a complete image: ${error instanceof Error ? error.message : error}`,
      { location: output, replaceable: true },
      { cause: error },
    );
  }
}

async function createFolder(output: string): Promise<void> {
  if (isAddress(output)) return;
  await mkdir(dirname(output), { recursive: true }).catch((error: unknown) => {
    throw writeFailure(error, output);
  });
}
