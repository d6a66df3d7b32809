import { rm } from "node:fs/promises";
import { basename } from "node:path";
import { UsageError } from "@ozx/core";
import type { JobFingerprint, Journal } from "@ozx/core/internal";
import { type HeldFile, writeFailure } from "@ozx/core/internal/node";
import { findLeftovers, type Leftover, removeUseless } from "./leftovers.js";
import { appendRecord, journalPath, partialPath, startJournal } from "./partial-files.js";
import { syncParent } from "./staging.js";

/** Milliseconds between checkpoints: with `resume`, and for all other jobs, which should hardly notice them. */
const CHECKPOINT_INTERVAL = { resume: 250, otherwise: 5000 };

/** A file or folder that is written beside its destination. */
export interface PartialOutput {
  /** Its current path, which `adopt` changes. */
  path(): string;
  /**
   * Replaces it with the leftover of another process, which is renamed to `name`. False where a third process took it
   * first: of several that find a leftover, only one can rename it.
   */
  adopt(leftover: string, name: string): Promise<boolean>;
  /** Makes everything durable that was written before the call. */
  sync(): Promise<void>;
}

/** The journal of a partial output: a file beside it. */
export interface PartialJournal extends Journal {
  /** Whether to keep the partial output when this process fails, because another one can resume it. */
  keeps(): boolean;
  /** Closes the file. Call it before the journal is removed, or left to another process. */
  close(): Promise<void>;
  /** Never throws. */
  remove(): Promise<void>;
  /** When the output is published: removes the journal and, with `resume`, what killed runs left. Never throws. */
  finish(): Promise<void>;
}

/**
 * The journal of one partial output. It is created by `begin`.
 *
 * @param path the output's destination
 * @param resume whether to look for a leftover to resume, and to keep what can be resumed
 */
export function partialJournal(path: string, partial: PartialOutput, resume: boolean): PartialJournal {
  let file: HeldFile | undefined;
  let keeps = false;
  let isForgotten = false;
  let job: JobFingerprint | undefined;
  const wrap = (error: unknown): never => {
    throw writeFailure(error, path);
  };
  const remove = (): Promise<void> => rm(journalPath(partial.path()), { force: true }).catch(() => {});
  return {
    resumes: resume,
    interval: resume ? CHECKPOINT_INTERVAL.resume : CHECKPOINT_INTERVAL.otherwise,
    async begin(fingerprint) {
      job = fingerprint;
      try {
        const candidates = resume ? leftoversOfJob(path, await findLeftovers(path), fingerprint) : [];
        for (const candidate of candidates) {
          file = await adoptLeftover(path, partial, candidate, fingerprint);
          if (file === undefined) continue;
          keeps = true;
          return { leftover: candidate.path, records: candidate.records };
        }
        file = await startJournal(journalPath(partial.path()), fingerprint, []);
        return { leftover: undefined, records: [] };
      } catch (error) {
        return wrap(error);
      }
    },
    async checkpoint(text) {
      const open = file;
      if (open === undefined) throw new TypeError("the journal has not begun, or is closed");
      if (isForgotten) return;
      try {
        await partial.sync();
        await appendRecord(open, text);
        keeps = resume;
      } catch (error) {
        wrap(error);
      }
    },
    forget() {
      isForgotten = true;
    },
    keeps: () => keeps && !isForgotten,
    async close() {
      const open = file;
      file = undefined;
      await open?.close();
    },
    remove,
    async finish() {
      await remove();
      if (resume) await removeUseless(path, job);
    },
  };
}

interface Candidate {
  readonly path: string;
  readonly records: readonly string[];
}

/**
 * Takes over a leftover, and returns the file of its new journal; undefined where another process was faster. If this
 * process is killed meanwhile, either the old output and journal are left, or the new ones.
 */
async function adoptLeftover(
  path: string,
  partial: PartialOutput,
  leftover: Candidate,
  fingerprint: JobFingerprint,
): Promise<HeldFile | undefined> {
  const name = partialPath(path);
  const journal = await startJournal(journalPath(name), fingerprint, leftover.records);
  let isTaken = false;
  try {
    isTaken = await partial.adopt(leftover.path, name);
  } finally {
    if (!isTaken) {
      await journal.close();
      await rm(journalPath(name), { force: true });
    }
  }
  if (!isTaken) return undefined;
  await syncParent(name);
  await rm(journalPath(leftover.path), { force: true }).catch(() => {});
  return journal;
}

/**
 * The leftovers of the same job.
 *
 * @throws UsageError when there are journals, but all are of other jobs
 */
function leftoversOfJob(
  path: string,
  leftovers: readonly Leftover[],
  { job, source }: JobFingerprint,
): readonly Candidate[] {
  const journaled = leftovers.flatMap(({ path, journal }) => (journal ? [{ path, ...journal }] : []));
  const same = journaled.filter(
    ({ fingerprint }) => fingerprint.job === job && fingerprint.source === source,
  );
  const [last] = journaled;
  if (same.length > 0 || last === undefined) return same;
  const changed = journaled.find(({ fingerprint }) => fingerprint.job === job);
  const difference = changed
    ? "another input or another part of it"
    : "another input, other options or another version";
  const one = (changed ?? last).path;
  throw new UsageError(
    `${path} cannot be resumed from ${one}: that was started with ${difference}, or the input has changed since; use the same input and options, or remove it and ${basename(journalPath(one))} to start from the beginning`,
  );
}
