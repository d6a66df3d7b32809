import { randomBytes } from "node:crypto";
import { rm, stat } from "node:fs/promises";
import { join } from "node:path";
import {
  type ReadOptions,
  SourceChangedError,
  type StoreFormat,
  UsageError,
  WriteFailedError,
} from "@ozx/core";
import {
  type EntryProducer,
  type PartedJob,
  type Progress,
  progressCounter,
  type WriteOptions,
} from "@ozx/core/container";
import type { FinishedEntry } from "@ozx/core/internal";
import { headObject, openBucket, writeFailure } from "@ozx/core/internal/node";
import { joinProducers } from "../../chunks/rewrite-chunks.js";
import type { TransferPlan } from "../../plan/plan-transfer.js";
import { exists, syncParent } from "../staging.js";
import { partedJobOf, STAGED, sourceState } from "./create-plan.js";
import { sharedFileSink } from "./part-files.js";
import { formatResult, type PartResult, resultName } from "./part-result.js";
import { openState } from "./part-state.js";
import { nameSegment, placeSegments } from "./place-segments.js";
import type { PartWork, PlanFile } from "./plan-file.js";
import { type Sent, uploadRange, uploadSegment } from "./upload-part.js";

/** A part of a plan to carry out. */
export interface PartRequest {
  readonly plan: PlanFile;
  /** From 0. */
  readonly part: number;
  /** Plans the transfer, as it was when the plan was made. Called only where there is something to do. */
  readonly transfer: () => Promise<TransferPlan>;
  readonly format: StoreFormat;
}

/**
 * What became of a part: whether this run wrote it, or it was written before.
 */
export interface PartOutcome {
  readonly isWritten: boolean;
  readonly written: Progress;
}

/**
 * Carries out one part. It may be run again at any time, and twice at once: the same bytes go to the same place.
 *
 * @throws UsageError for a part that the plan does not have
 * @throws SourceChangedError when the input is not the one that was planned
 * @throws WriteFailedError when the output cannot be written, or what was prepared for it is gone
 */
export async function runPart(request: PartRequest, options: WriteOptions = {}): Promise<PartOutcome> {
  const { plan, part, format } = request;
  const work = plan.work[part];
  if (work === undefined) {
    throw new UsageError(`there is no part ${part}: the plan has ${plan.parts}, from 0 to ${plan.parts - 1}`);
  }
  const nothing = { isWritten: false, written: { entries: 0, bytes: 0 } };
  const state = await openState(plan.state);
  if ((await state.read(resultName(part), options)) !== undefined) return nothing;
  if (await isPublished(plan, options)) return nothing;
  const transfer = await request.transfer();
  const { job, producers } = await partedJobOf(transfer, format, options);
  const check = (): Promise<void> => refuseChanged(plan, work, { transfer, job, producers }, options);
  await check();
  let written: Progress = { entries: 0, bytes: 0 };
  const count = progressCounter({
    onProgress(done) {
      written = done;
      options.onProgress?.(done);
    },
  });
  const writing = (): WriteOptions => ({ ...options, onProgress: count.within() });
  const own = joinProducers(producers.slice(work.fromGenerated, work.toGenerated));
  const writeAll = plan.upload === undefined ? writeToFiles : writeToUpload;
  const result = await writeAll({ plan, part, work, job, own }, writing);
  // What was read while it changed must not count as written.
  await check();
  await state.write(resultName(part), formatResult(result), options);
  if (plan.upload === undefined && own !== undefined) {
    // The part is written. What cannot be placed now is placed by another one, or by the end, which says why it cannot.
    await placeSegments(plan, job.copied, options).catch(() => {});
  }
  return { isWritten: true, written };
}

interface PartJob {
  readonly plan: PlanFile;
  readonly part: number;
  readonly work: PartWork;
  readonly job: PartedJob;
  /** The generated entries of the part. */
  readonly own: EntryProducer | undefined;
}

/** Options for one more piece of work, whose progress is added to that of the others. */
type Writing = () => WriteOptions;

async function writeToFiles({ plan, part, work, job, own }: PartJob, writing: Writing): Promise<PartResult> {
  let copied: readonly FinishedEntry[] = [];
  if (work.to > work.from) {
    const sink = await sharedFileSink(join(plan.state, STAGED), plan.output, "r+");
    try {
      copied = await job.writeRun(work, sink, writing());
      await sink.commit();
    } finally {
      await sink.discard();
    }
  }
  let entries: readonly FinishedEntry[] = [];
  let segmentBytes = 0;
  if (own !== undefined) {
    const staged = join(plan.state, `segment-${part}.${randomBytes(6).toString("hex")}.tmp`);
    const sink = await sharedFileSink(staged, plan.output, "w+");
    try {
      entries = await job.writeSegment(own, sink, writing());
      await sink.commit();
      segmentBytes = (await stat(staged)).size;
      await nameSegment(staged, plan, part, segmentBytes);
      await syncParent(staged);
    } catch (error) {
      await sink.discard();
      await rm(staged, { force: true }).catch(() => {});
      throw writeFailure(error, plan.output);
    }
  }
  const nothing = { uploaded: [], uploadedSegment: [], rest: undefined, segmentRest: undefined };
  return { copied, entries, segmentBytes, ...nothing };
}

async function writeToUpload({ plan, work, job, own }: PartJob, writing: Writing): Promise<PartResult> {
  const { output, upload: id = "", partSize: size = 0, segmentParts: most = 0 } = plan;
  let copied: readonly FinishedEntry[] = [];
  let range: Sent = { parts: [], rest: undefined };
  if (work.to > work.from) {
    const place = { start: job.startOf(work.from), end: job.startOf(work.to), size };
    const options = writing();
    range = await uploadRange(
      { output, id, number: work.number ?? 0 },
      place,
      async (sink) => {
        copied = await job.writeRun(work, sink, options);
      },
      options,
    );
  }
  let entries: readonly FinishedEntry[] = [];
  let segment: Sent & { readonly bytes: number } = { parts: [], rest: undefined, bytes: 0 };
  if (own !== undefined) {
    const options = writing();
    const planned = Math.ceil((2 * own.bytes) / Math.max(1, most));
    segment = await uploadSegment(
      { output, id, number: work.segmentNumber ?? 0 },
      { size: Math.max(size, planned), most },
      async (sink) => {
        entries = await job.writeSegment(own, sink, options);
      },
      options,
    );
  }
  return {
    copied,
    entries,
    segmentBytes: segment.bytes,
    uploaded: range.parts,
    uploadedSegment: segment.parts,
    rest: range.rest,
    segmentRest: segment.rest,
  };
}

/** The plan, and what the same input and options give now. */
export interface Replanned {
  readonly transfer: TransferPlan;
  readonly job: PartedJob;
  readonly producers: readonly EntryProducer[];
}

/** @throws SourceChangedError when the input is not the one that was planned */
export async function refuseChanged(
  plan: PlanFile,
  work: PartWork,
  { transfer, job, producers }: Replanned,
  options?: ReadOptions,
): Promise<void> {
  const ranges = {
    run: work,
    group: { from: work.fromGenerated, to: work.toGenerated },
  };
  if (job.fingerprint === plan.job) {
    if ((await sourceState(transfer, job, producers, ranges, options)) === work.source) return;
  }
  throw new SourceChangedError(
    `${plan.input} has changed since the plan was made: make a new plan when nothing writes there any more`,
    { location: plan.input },
  );
}

/**
 * Whether the end was written already: then what was prepared is gone, and the output is there.
 *
 * @throws WriteFailedError when both are gone
 */
export async function isPublished(plan: PlanFile, options: ReadOptions = {}): Promise<boolean> {
  const isFile = plan.upload === undefined;
  if (isFile && (await exists(join(plan.state, STAGED)))) return false;
  if (isFile ? await exists(plan.output) : await hasObjectSince(plan, options)) return true;
  if (!isFile) return false;
  throw new WriteFailedError(
    `${plan.output} cannot be written: what was prepared for it at ${plan.state} is gone; make a new plan`,
    { location: plan.output },
  );
}

/** Whether the object is there without the plan having been made to replace it. */
async function hasObjectSince({ output, overwrite }: PlanFile, options: ReadOptions): Promise<boolean> {
  if (overwrite) return false;
  const { client, key } = await openBucket(output);
  return (await headObject(client, key, options).catch(() => undefined)) !== undefined;
}
