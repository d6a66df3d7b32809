import type { Journal, ReadOptions } from "../bytes/source-and-sink.js";
import type { AbsolutePath, StoreFingerprint } from "./store.js";
import type { EarlierEntries, ProducerOrigin, WriteJob } from "./target.js";

/** Writes notes into a journal now and then, one after the other, while what they tell of goes on. */
export interface Checkpointer {
  /** Whether enough time has passed since the last note, and none is being written. */
  isDue(): boolean;
  /** Begins a note where one is due. Throws when an earlier one could not be made durable. */
  checkpoint(): void;
  /** Waits for what is being noted. Throws as `take` does. */
  settle(): Promise<void>;
  /** After a failure: takes a last note where somebody will go on with it. Never throws. */
  close(): Promise<void>;
}

export interface CheckpointerOptions {
  /** Before the first note: whether notes are of use. */
  ready(): Promise<boolean>;
  /** What there is to note since the last time, undefined for nothing. All of it is written already. */
  record(): string | undefined;
}

export function createCheckpointer(
  journal: Journal,
  { ready, record: text }: CheckpointerOptions,
): Checkpointer {
  let noting: Promise<void> | undefined;
  // Who wants to go on later has a first note soon; for all others one is only worth it in a run that takes long.
  let noted = journal.resumes ? Number.NEGATIVE_INFINITY : performance.now();
  let failure: { readonly error: unknown } | undefined;
  let useless = false;
  const note = async (): Promise<void> => {
    useless = !(await ready());
    if (useless) return;
    // Taken at once, before the disk is waited for: what comes later is for the next note.
    const news = text();
    if (news !== undefined) await journal.checkpoint(news);
  };
  const start = (): void => {
    noting = note()
      .catch((error: unknown) => {
        failure = { error };
      })
      .finally(() => {
        noted = performance.now();
        noting = undefined;
      });
  };
  const throwFailure = (): void => {
    if (failure !== undefined) throw failure.error;
  };
  const isDue = (): boolean =>
    !useless && noting === undefined && performance.now() - noted >= journal.interval;
  return {
    isDue,
    checkpoint() {
      throwFailure();
      if (isDue()) start();
    },
    async settle() {
      await noting;
      throwFailure();
    },
    async close() {
      await noting;
      if (journal.resumes && failure === undefined) start();
      await noting;
    },
  };
}

/** A stamp of all values of the source that a job reads; undefined where the source has none. */
export async function sourceFingerprintOf(
  job: WriteJob,
  options?: ReadOptions,
): Promise<StoreFingerprint | undefined> {
  return job.source.fingerprint?.(keysRead(job), options);
}

function* keysRead({ entries, generated: made }: WriteJob): Generator<AbsolutePath> {
  for (const { content } of entries) {
    if (typeof content === "string") yield content;
    else if (!(content instanceof Uint8Array)) {
      for (const piece of content) if (!(piece instanceof Uint8Array)) yield piece.key;
    }
  }
  yield* made?.origin?.reads() ?? [];
}

/** Several that make entries one after the other. */
type Part = Pick<ProducerOrigin, "owns">;

/**
 * The parts that are not made yet, and what of the first of them an earlier run has made. Those before the part
 * that the last earlier entry is of are done.
 *
 * @throws RangeError when it is of none
 */
export function* remainingParts<P extends Part>(
  parts: readonly P[],
  earlier: EarlierEntries | undefined,
): Generator<readonly [part: P, earlier: EarlierEntries | undefined]> {
  const first = earlier === undefined ? 0 : parts.findIndex((part) => part.owns(earlier.last));
  if (first < 0) throw new RangeError(`${earlier?.last} is none of the entries that are made here`);
  for (const part of parts.slice(first)) yield [part, part === parts[first] ? earlier : undefined];
}
