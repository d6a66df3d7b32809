import type { Journal } from "../bytes/byte-sink.js";

/** Writes notes into a journal now and then, one after the other, while what they tell of goes on. */
export interface NoteTaker {
  /** Whether enough time has passed since the last note, and none is being written. */
  isDue(): boolean;
  /** Begins a note where one is due. Throws when an earlier one could not be made durable. */
  take(): void;
  /** Waits for what is being noted. Throws as `take` does. */
  settle(): Promise<void>;
  /** After a failure: takes a last note where somebody will go on with it. Never throws. */
  close(): Promise<void>;
}

export interface NoteTakerOptions {
  /** Before the first note: whether notes are of use. */
  ready(): Promise<boolean>;
  /** What there is to note since the last time, undefined for nothing. All of it is written already. */
  text(): string | undefined;
}

export function createNoteTaker(journal: Journal, { ready, text }: NoteTakerOptions): NoteTaker {
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
    if (news !== undefined) await journal.note(news);
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
    take() {
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
