import { rename, stat } from "node:fs/promises";
import { join } from "node:path";
import { type ReadOptions, type StoreFormat, UsageError, WriteFailedError } from "@ozx/core";
import type { PartedIndex, WriteOptions } from "@ozx/core/container";
import {
  abortUpload,
  completeParts,
  errorCode,
  openBucket,
  type UploadedPart,
  uploadPart,
  writeFailure,
} from "@ozx/core/internal/node";
import { exists, refuseExisting, syncParent } from "../staging.js";
import { STAGED } from "./create-plan.js";
import { sharedFileSink } from "./part-files.js";
import { type PartResult, parseResult, resultName } from "./part-result.js";
import { openState, type PartState } from "./part-state.js";
import { placeSegments, segmentFiles } from "./place-segments.js";
import type { PlanFile } from "./plan-file.js";
import { isPublished } from "./run-part.js";
import { uploadSegment } from "./upload-part.js";

/** What completes a conversion that was divided into parts. */
export interface FinishRequest {
  readonly plan: PlanFile;
  readonly format: StoreFormat;
}

/** The parts of a plan that are not written yet. */
export async function missingParts({ parts, state }: PlanFile, options?: ReadOptions): Promise<number[]> {
  const names = await (await openState(state)).names(options);
  return Array.from({ length: parts }, (_, part) => part).filter((part) => !names.has(resultName(part)));
}

/**
 * Writes the end of an output whose parts are all written, and publishes it. The input is not read: each part has found it
 * as it was when it was planned.
 *
 * @returns its size in bytes; undefined where this was done before
 * @throws UsageError naming the parts that are missing, and for a format that is not written in parts
 * @throws DestinationExistsError, WriteFailedError when the output cannot be published
 */
export async function finishPlan(
  { plan, format: { title, writeIndex } }: FinishRequest,
  options: WriteOptions = {},
): Promise<number | undefined> {
  const state = await openState(plan.state);
  if (plan.upload === undefined && (await isPublished(plan, options))) {
    await state.remove();
    return undefined;
  }
  const missing = await missingParts(plan, options);
  if (missing.length > 0) throw partsMissing(plan, missing);
  if (writeIndex === undefined) throw new UsageError(`${plan.output}: a ${title} is not written in parts`);
  const results: PartResult[] = [];
  for (let part = 0; part < plan.parts; part++) results.push(await readResult(state, plan, part, options));
  const finish = plan.upload === undefined ? finishFile : finishUpload;
  const size = await finish({ plan, results, writeIndex }, options);
  await state.remove();
  return size;
}

function partsMissing({ parts, output }: PlanFile, missing: readonly number[]): UsageError {
  const shown = missing.slice(0, 20).join(", ");
  const more = missing.length > 20 ? ` and ${missing.length - 20} more` : "";
  return new UsageError(
    `${missing.length} of ${parts} parts of ${output} are missing: ${shown}${more}; run them with ozx run, then finish again`,
  );
}

async function readResult(
  state: PartState,
  plan: PlanFile,
  part: number,
  options: ReadOptions,
): Promise<PartResult> {
  const text = await state.read(resultName(part), options);
  if (text === undefined) throw partsMissing(plan, [part]);
  return parseResult(text, `${plan.state}/${resultName(part)}`);
}

/** A plan whose parts are all written. */
interface WrittenPlan {
  readonly plan: PlanFile;
  /** Of all parts, in their order. */
  readonly results: readonly PartResult[];
  readonly writeIndex: NonNullable<StoreFormat["writeIndex"]>;
}

async function finishFile(
  { plan, results, writeIndex }: WrittenPlan,
  options: WriteOptions,
): Promise<number> {
  const { ending } = plan;
  const done = { entries: 0, bytes: 0 };
  const onBytes = (bytes: number): void => {
    done.bytes += bytes;
    options.onProgress?.({ ...done });
  };
  await placeSegments(plan, plan.copied, { signal: options.signal, onBytes });
  const files = await segmentFiles(plan);
  let position = plan.copied;
  const segments: { position: number; entries: PartResult["entries"] }[] = [];
  for (const [part, { entries, segmentBytes }] of results.entries()) {
    const { fromGenerated = 0, toGenerated = 0 } = plan.work[part] ?? {};
    if (fromGenerated === toGenerated) continue;
    const file = files.get(part);
    if (!file?.isPlaced || file.bytes !== segmentBytes) throw damaged(plan, part);
    if (entries.length > 0) segments.push({ position, entries });
    position += segmentBytes;
  }
  const staged = join(plan.state, STAGED);
  const sink = await sharedFileSink(staged, plan.output, "r+");
  try {
    const copied = { position: 0, entries: results.flatMap((result) => result.copied) };
    await writeIndex({ copied, segments, position, ending }, sink, options);
    options.signal?.throwIfAborted();
    await sink.commit();
  } finally {
    await sink.discard();
  }
  return publish(plan, staged);
}

async function publish({ output, overwrite }: PlanFile, staged: string): Promise<number> {
  const { size } = await stat(staged);
  if (!overwrite) await refuseExisting(output);
  try {
    await rename(staged, output);
  } catch (error) {
    // Another process has finished the same plan meanwhile.
    if (errorCode(error) === "ENOENT" && (await exists(output))) return size;
    throw writeFailure(error, output);
  }
  await syncParent(output);
  return size;
}

function damaged({ output }: PlanFile, part: number): WriteFailedError {
  return new WriteFailedError(`the segment of part ${part} of ${output} is not complete: make a new plan`, {
    location: output,
  });
}

async function finishUpload(
  { plan, results, writeIndex }: WrittenPlan,
  options: WriteOptions,
): Promise<number> {
  const { output, upload: id = "", overwrite, ending } = plan;
  const uploaded: UploadedPart[] = [];
  const sizeOf = (parts: readonly UploadedPart[]): number => parts.reduce((sum, { size }) => sum + size, 0);
  const segments: { position: number; entries: PartResult["entries"] }[] = [];
  /** What comes behind everything that was uploaded by parts. */
  const rests: { readonly bytes: Uint8Array; place(position: number): void }[] = [];
  let copiedAt = 0;
  let position = 0;
  for (const { uploaded: parts, rest } of results) {
    uploaded.push(...parts);
    position += sizeOf(parts);
    if (rest !== undefined && rest.length > 0) {
      rests.push({
        bytes: rest,
        place(at) {
          copiedAt = at;
        },
      });
    }
  }
  for (const { uploadedSegment: parts, segmentRest: rest, entries } of results) {
    if (rest !== undefined) {
      rests.push({ bytes: rest, place: (at) => segments.push({ position: at, entries }) });
    } else if (parts.length > 0) segments.push({ position, entries });
    uploaded.push(...parts);
    position += sizeOf(parts);
  }
  const number = Math.max(0, ...uploaded.map((part) => part.number)) + 1;
  const before = position;
  const entries = results.flatMap((result) => result.copied);
  const end = await uploadSegment(
    { output, id, number },
    { size: Math.max(plan.partSize ?? 0, Math.ceil(plan.indexBytes / 400)), most: 900 },
    async (sink) => {
      for (const { bytes, place } of rests) {
        place(position);
        await sink.write(position - before, bytes, options);
        position += bytes.length;
      }
      const index: PartedIndex = { copied: { position: copiedAt, entries }, segments, position, ending };
      const shifted = {
        ...sink,
        write: (at: number, bytes: Uint8Array) => sink.write(at - before, bytes, options),
      };
      await writeIndex(index, shifted, options);
    },
    options,
  );
  const { client, key } = await openBucket(output);
  const last = end.rest === undefined ? [] : [await lastPart(plan, number, end.rest, options)];
  await completeParts(client, { key, id }, [...uploaded, ...end.parts, ...last], { ...options, overwrite });
  return before + end.bytes;
}

/** The last part of an upload may be as small as it is. */
async function lastPart(
  { output, upload: id = "" }: PlanFile,
  number: number,
  bytes: Uint8Array,
  options: ReadOptions,
): Promise<UploadedPart> {
  const { client, key } = await openBucket(output);
  return uploadPart(client, { key, id }, number, bytes, options);
}

/** Gives a plan up: removes what its parts have written, and aborts its upload. */
export async function abandonPlan({ output, upload, state }: PlanFile, options?: ReadOptions): Promise<void> {
  if (upload !== undefined) {
    const { client, key } = await openBucket(output);
    await abortUpload(client, { key, id: upload }, options);
  }
  await (await openState(state)).remove();
}
