import { isOzxError, type Store } from "@ozx/core";
import type { Progress } from "@ozx/core/container";
import { createChunkWorkers } from "@ozx/core/node";
import { oneOfEachKind } from "../render/one-of-each-kind.js";
import type { Output } from "../terminal/output.js";
import { THUMBNAIL_SIZE } from "../thumbnail/draw-thumbnail.js";
import { putThumbnailInside } from "../thumbnail/put-inside.js";
import type { ConvertRequest } from "./conversion-request.js";
import { announcePlan, type Conversion, openInput, planConversion, showPlan } from "./plan-conversion.js";
import { runConversion } from "./run-conversion.js";

/** A conversion that was carried out. */
export interface Converted {
  readonly conversion: Conversion;
  readonly written: Progress;
}

/**
 * Plans and carries out one conversion.
 *
 * @returns undefined for a dry run, which only shows the plan
 */
export async function convertImage(
  request: ConvertRequest,
  out: Output,
  signal: AbortSignal,
): Promise<Converted | undefined> {
  const converted = await convertPixels(request, out, signal);
  if (converted !== undefined && request.thumbnail) await addThumbnail(request.output, out);
  return converted;
}

async function convertPixels(
  request: ConvertRequest,
  out: Output,
  signal: AbortSignal,
): Promise<Converted | undefined> {
  const workers = createChunkWorkers({ workers: request.workers });
  let input: Store | undefined;
  try {
    input = await openInput(request, { workers, signal });
    const conversion = await planConversion(request, input, { workers, out, signal });
    if (request.dryRun) {
      await showPlan(conversion, request, out);
      return undefined;
    }
    await announcePlan(conversion, request, out);
    const written = await runConversion(request, conversion, { out, signal });
    // What was found while pixels were read.
    const announced = new Set(conversion.transfer.findings.map(({ message }) => message));
    const late = input.findings.filter(({ message }) => !announced.has(message));
    for (const text of oneOfEachKind(late)) out.note(text);
    return { conversion, written };
  } finally {
    await Promise.all([input?.close(), workers.close()]);
  }
}

/** Puts a thumbnail into an output that is complete, also without one. */
async function addThumbnail(output: string, out: Output): Promise<void> {
  try {
    // To interrupt it would mean that nothing was written.
    await putThumbnailInside(output, THUMBNAIL_SIZE, out, new AbortController().signal);
  } catch (error) {
    if (!isOzxError(error, "Unsupported")) throw error;
    out.note(`no thumbnail: ${error.message}`);
  }
}
