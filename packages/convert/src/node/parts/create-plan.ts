import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, open, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { type ReadOptions, type StoreFormat, UnsupportedError, UsageError } from "@ozx/core";
import { type EntryProducer, type PartedJob, type RunRange, splitEvenly } from "@ozx/core/container";
import { isS3Address } from "@ozx/core/internal";
import {
  createUpload,
  cutIntoParts,
  isAddress,
  MOST_PARTS,
  openBucket,
  SMALLEST_PART,
  writeFailure,
} from "@ozx/core/internal/node";
import type { TransferPlan } from "../../plan/plan-transfer.js";
import type { PartWork, PlanFile } from "./plan-file.js";

/** What is planned. */
export interface PlanRequest {
  readonly transfer: TransferPlan;
  readonly format: StoreFormat;
  /** How many parts there may be; fewer where there is too little to do. */
  readonly parts: number;
  readonly input: string;
  readonly output: string;
  readonly overwrite: boolean;
  /** The options of the conversion, as plain data. */
  readonly options: unknown;
}

/** The name of the staged archive in the folder of a plan's state. */
export const STAGED = "archive";

/**
 * The job of a transfer, for a format that several processes can write.
 *
 * @throws UnsupportedError for another format
 */
export async function partedJobOf(
  transfer: TransferPlan,
  format: StoreFormat,
  options?: ReadOptions,
): Promise<{ readonly job: PartedJob; readonly producers: readonly EntryProducer[] }> {
  if (format.parts === undefined) {
    const { name } = transfer.source;
    throw new UnsupportedError(`a ${format.title} cannot be written in parts`, {
      location: name,
      feature: "parts",
    });
  }
  const { generated } = transfer;
  const job = await format.parts(transfer, options);
  const producers = generated === undefined ? [] : (generated.parts?.() ?? [generated]);
  return { job, producers };
}

/**
 * Divides a conversion into parts, and prepares what they write into: an empty file beside the output, or an upload.
 *
 * @throws UsageError where the parts cannot be numbered
 * @throws WriteFailedError where nothing can be written
 */
export async function createPlan(request: PlanRequest, options: ReadOptions = {}): Promise<PlanFile> {
  const { transfer, format, output, overwrite } = request;
  const { job, producers } = await partedJobOf(transfer, format, options);
  const isUpload = isS3Address(output);
  const runs = isUpload ? largeRuns(job, request.parts) : job.split(request.parts);
  const groups = splitProducers(producers, request.parts);
  const count = Math.max(1, runs.length, groups.length);
  const numbers = isUpload ? numberParts(job, runs, groups.length, output) : undefined;
  const work: PartWork[] = [];
  for (let part = 0; part < count; part++) {
    const run = runs[part] ?? NOTHING;
    const group = groups[part] ?? NOTHING;
    work.push({
      from: run.from,
      to: run.to,
      fromGenerated: group.from,
      toGenerated: group.to,
      bytes:
        bytesOf(job, run) +
        producers.slice(group.from, group.to).reduce((sum, { bytes }) => sum + Math.round(bytes), 0),
      source: await sourceState(transfer, job, producers, { run, group }, options),
      ...(numbers && { number: numbers.first[part] ?? 0, segmentNumber: numbers.segment(part) }),
    });
  }
  const plan = {
    ozxPlan: 1,
    input: isAddress(request.input) ? request.input : resolve(request.input),
    output: isUpload ? output : resolve(output),
    overwrite,
    options: request.options,
    parts: count,
    entries: job.count + (transfer.generated?.entries ?? 0),
    bytes: work.reduce((sum, { bytes }) => sum + bytes, 0),
    largestPart: Math.max(...work.map(({ bytes }) => bytes)),
    job: job.fingerprint,
    copied: job.copied,
    indexBytes: job.indexBytes,
    ending: job.ending,
    ...(numbers && { partSize: numbers.size, segmentParts: numbers.segmentParts }),
    ...(isUpload && { upload: await beginUpload(output, options) }),
    work,
  } as const;
  // Of what is planned, so that the same conversion has the same plan, and resumes what its parts have done.
  const id = createHash("sha256").update(JSON.stringify(plan)).digest("hex").slice(0, 12);
  const state = isUpload
    ? `${output}.parts-${id}`
    : join(dirname(resolve(output)), `.${basename(output)}.parts-${id}`);
  if (!isUpload) await stageArchive(state, job.copied);
  return { ...plan, id, state };
}

const NOTHING: RunRange = { from: 0, to: 0 };

function bytesOf(job: PartedJob, { from, to }: RunRange): number {
  return job.startOf(to) - job.startOf(from);
}

/** Groups of neighbouring producers of about equal size. */
function splitProducers(producers: readonly EntryProducer[], parts: number): RunRange[] {
  return splitEvenly(producers.length, (index) => (producers[index]?.bytes ?? 0) + 1, parts);
}

/** A fingerprint of everything that a part reads. */
export async function sourceState(
  { source }: TransferPlan,
  job: PartedJob,
  producers: readonly EntryProducer[],
  { run, group }: { readonly run: RunRange; readonly group: RunRange },
  options?: ReadOptions,
): Promise<string> {
  const keys = function* (): Generator<`/${string}`> {
    yield* job.keysOf(run);
    for (const { origin } of producers.slice(group.from, group.to)) yield* origin?.reads() ?? [];
  };
  return (await source.fingerprint?.(new Set(keys()), options))?.text ?? "";
}

/** Runs that are large enough for parts of an upload; the only one may be smaller. */
function largeRuns(job: PartedJob, parts: number): RunRange[] {
  const runs: RunRange[] = [];
  for (const run of job.split(parts)) {
    const last = runs.at(-1);
    if (last !== undefined && Math.min(bytesOf(job, last), bytesOf(job, run)) < SMALLEST_PART) {
      runs[runs.length - 1] = { from: last.from, to: run.to };
    } else runs.push(run);
  }
  return runs;
}

/** The least size of a part, where the number of parts does not ask for more. */
const USUAL_PART = 16 * 1024 * 1024;
/** Numbers for the end: what is too small for a part of its own, and the index. */
const LAST_NUMBERS = 1000;

interface Numbers {
  readonly size: number;
  /** The number of the first part of each run. */
  readonly first: readonly number[];
  readonly segmentParts: number;
  segment(part: number): number;
}

function numberParts(job: PartedJob, runs: readonly RunRange[], segments: number, output: string): Numbers {
  const room = MOST_PARTS - LAST_NUMBERS;
  // Each run may have one part more than its share.
  const size = Math.max(
    USUAL_PART,
    Math.ceil(job.copied / Math.max(1, (room - runs.length) / (segments > 0 ? 2 : 1))),
  );
  let next = 1;
  const first = runs.map((run) => {
    const number = next;
    const bytes = bytesOf(job, run);
    if (bytes >= SMALLEST_PART) next += cutIntoParts(bytes, size).length;
    return number;
  });
  const segmentParts = segments === 0 ? 0 : Math.floor((room - next) / segments);
  if (segments > 0 && segmentParts < 1) {
    throw new UsageError(
      `${output} cannot be uploaded by so many parts: an upload has ${MOST_PARTS}; plan fewer`,
    );
  }
  return { size, first, segmentParts, segment: (part) => next + part * segmentParts };
}

async function beginUpload(output: string, options: ReadOptions): Promise<string> {
  const { client, key } = await openBucket(output);
  return createUpload(client, key, options);
}

/** Creates the file that all parts write into, as large as what is known of it, unless an earlier plan has. */
async function stageArchive(state: string, bytes: number): Promise<void> {
  const path = join(state, STAGED);
  try {
    // Without the file, what parts have noted is of an archive that was published.
    if (!existsSync(path)) await rm(state, { recursive: true, force: true });
    await mkdir(state, { recursive: true });
    const file = await open(path, "a");
    try {
      if ((await file.stat()).size < bytes) await file.truncate(bytes);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw writeFailure(error, state);
  }
}
