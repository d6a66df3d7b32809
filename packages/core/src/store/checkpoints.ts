import type { Journal, ReadOptions } from "../bytes/source-and-sink.js";
import type { AbsolutePath, StoreFingerprint } from "./store.js";
import type { ProducerOrigin, WriteJob } from "./target.js";

/** Writes checkpoints into a journal now and then, one at a time, while the job continues. */
export interface Checkpointer {
  /** Whether the journal's interval has passed since the last checkpoint, and none is being written. */
  isDue(): boolean;
  /** Starts a checkpoint where one is due. Throws when an earlier one failed. */
  checkpoint(): void;
  /** Waits for the checkpoint that is being written. Throws when it, or an earlier one, failed. */
  settle(): Promise<void>;
  /** After a failure of the job: writes a last checkpoint where the job can be resumed. Never throws. */
  close(): Promise<void>;
}

/** What a {@link Checkpointer} records. */
export interface CheckpointerOptions {
  /** Called before a checkpoint. False where checkpoints are of no use, after which there are none. */
  ready(): Promise<boolean>;
  /** What has been written since the last call, as the text of a record; undefined for nothing. */
  record(): string | undefined;
}

/** A checkpointer for one job. */
export function createCheckpointer(journal: Journal, { ready, record }: CheckpointerOptions): Checkpointer {
  let writing: Promise<void> | undefined;
  // A job that resumes gets its first checkpoint soon; in any other a checkpoint only pays off after a while.
  let lastTime = journal.resumes ? Number.NEGATIVE_INFINITY : performance.now();
  let failure: { readonly error: unknown } | undefined;
  let useless = false;
  const write = async (): Promise<void> => {
    useless = !(await ready());
    if (useless) return;
    // Before waiting for the disk: later entries belong to the next checkpoint.
    const text = record();
    if (text !== undefined) await journal.checkpoint(text);
  };
  const start = (): void => {
    writing = write()
      .catch((error: unknown) => {
        failure = { error };
      })
      .finally(() => {
        lastTime = performance.now();
        writing = undefined;
      });
  };
  const throwFailure = (): void => {
    if (failure !== undefined) throw failure.error;
  };
  const isDue = (): boolean =>
    !useless && writing === undefined && performance.now() - lastTime >= journal.interval;
  return {
    isDue,
    checkpoint() {
      throwFailure();
      if (isDue()) start();
    },
    async settle() {
      await writing;
      throwFailure();
    },
    async close() {
      await writing;
      if (journal.resumes && failure === undefined) start();
      await writing;
    },
  };
}

/** An entry whose value is written, as a journal records it. */
export interface FinishedEntry {
  readonly key: AbsolutePath;
  /** The size of its value, in bytes. */
  readonly size: number;
  /** The CRC-32 of its value, for containers that store it. */
  readonly crc?: number | undefined;
}

/** The text of a journal record: a JSON array with `[key, size]` or `[key, size, crc]` of each entry. */
export function formatFinished(entries: readonly FinishedEntry[]): string {
  return JSON.stringify(
    entries.map(({ key, size, crc }) => (crc === undefined ? [key, size] : [key, size, crc])),
  );
}

/**
 * The entries of journal records that {@link formatFinished} wrote, in their order. Stops at the first record that
 * cannot be understood: what comes after it is written again.
 */
export function parseFinished(records: readonly string[]): FinishedEntry[] {
  const entries: FinishedEntry[] = [];
  for (const record of records) {
    const parsed = parseRecord(record);
    if (parsed === undefined) break;
    for (const entry of parsed) entries.push(entry);
  }
  return entries;
}

function parseRecord(record: string): FinishedEntry[] | undefined {
  let parts: unknown;
  try {
    parts = JSON.parse(record);
  } catch {
    return undefined;
  }
  if (!Array.isArray(parts)) return undefined;
  const entries: FinishedEntry[] = [];
  for (const part of parts as readonly unknown[]) {
    const [key, size, crc]: readonly unknown[] = Array.isArray(part) ? part : [];
    if (!isKey(key) || !isCount(size) || !(crc === undefined || isCount(crc))) return undefined;
    entries.push({ key, size, crc });
  }
  return entries;
}

function isKey(value: unknown): value is AbsolutePath {
  return typeof value === "string" && value.startsWith("/");
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** A fingerprint of all values of the source that a job reads; undefined where the source has none. */
export async function sourceFingerprintOf(
  job: WriteJob,
  options?: ReadOptions,
): Promise<StoreFingerprint | undefined> {
  return job.source.fingerprint?.(keysRead(job), options);
}

/**
 * Checks that no value that a job has read was changed since it was listed, nor a document that it was planned from.
 * Call it when everything is read, and before the output is complete.
 *
 * @throws SourceChangedError
 */
export async function checkSourceUnchanged(job: WriteJob, options?: ReadOptions): Promise<void> {
  const isKnown = job.generated === undefined || job.generated.origin !== undefined;
  await job.source.checkUnchanged?.(isKnown ? keysUsed(job) : undefined, options);
}

function* keysUsed(job: WriteJob): Generator<AbsolutePath> {
  yield* keysRead(job);
  yield* job.documents ?? [];
}

function* keysRead({ entries, generated }: WriteJob): Generator<AbsolutePath> {
  for (const { content } of entries) {
    if (typeof content === "string") yield content;
    else if (!(content instanceof Uint8Array)) {
      for (const piece of content) if (!(piece instanceof Uint8Array)) yield piece.key;
    }
  }
  yield* generated?.origin?.reads() ?? [];
}

/** One of several producers that run one after the other. */
type Part = Pick<ProducerOrigin, "owns">;

/**
 * The parts of a producer that an interrupted run has not finished. The first of them is the part that owns the last
 * entry of that run, and comes with its key.
 *
 * @param after the last entry that is written; undefined for a run from the beginning
 * @throws RangeError when no part owns it
 */
export function* remainingParts<P extends Part>(
  parts: readonly P[],
  after: AbsolutePath | undefined,
): Generator<readonly [part: P, after: AbsolutePath | undefined]> {
  const first = after === undefined ? 0 : parts.findIndex((part) => part.owns(after));
  if (first < 0) throw new RangeError(`${after} is not a generated entry of this job`);
  for (const part of parts.slice(first)) yield [part, part === parts[first] ? after : undefined];
}
