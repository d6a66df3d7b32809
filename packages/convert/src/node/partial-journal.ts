import { readdir, readFile, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { UsageError } from "@ozx/core";
import type { JobFingerprint, Journal } from "@ozx/core/internal";
import { type HeldFile, writeFailure } from "@ozx/core/internal/node";
import {
  appendRecord,
  isOwnPartial,
  isRunning,
  journalPath,
  parseJournal,
  partialPath,
  startJournal,
  writerInName,
} from "./partial-files.js";
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
  const wrap = (error: unknown): never => {
    throw writeFailure(error, path);
  };
  return {
    resumes: resume,
    interval: resume ? CHECKPOINT_INTERVAL.resume : CHECKPOINT_INTERVAL.otherwise,
    async begin(fingerprint) {
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
    remove: () => rm(journalPath(partial.path()), { force: true }).catch(() => {}),
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

/** What an interrupted process left beside a destination. */
export interface Leftover {
  /** The partial file or folder. */
  readonly path: string;
  /** How far the process had come; undefined where it made no checkpoint, so that nothing can be resumed. */
  readonly journal: { readonly fingerprint: JobFingerprint; readonly records: readonly string[] } | undefined;
  /** Whether the process ran on another computer, where it may still run: it has only written nothing for a while. */
  readonly elsewhere: boolean;
  /** Whether its files were to be added to the folder at the destination, instead of replacing it. */
  readonly isAddition: boolean;
}

/** A process on another computer is considered dead when it has written nothing for this many milliseconds. */
const IDLE_TIMEOUT = 60_000;

/** The partial files and folders of the output `path` whose processes are gone; the one written last comes first. */
export async function findLeftovers(path: string): Promise<Leftover[]> {
  const folder = dirname(path);
  const names = await readdir(folder).catch(() => []);
  const found: (Leftover & { readonly written: number })[] = [];
  for (const name of names) {
    const named = writerInName(name, path);
    if (named === undefined) continue;
    const file = join(folder, name);
    const state = await stat(file).catch(() => undefined);
    if (!state?.isFile() && !state?.isDirectory()) continue;
    const text = await readFile(journalPath(file), "utf8").catch(() => "");
    const journal = parseJournal(text);
    // While a folder is filled, only the time of its journal changes.
    const journalState = await stat(journalPath(file)).catch(() => undefined);
    const written = Math.max(state.mtimeMs, journalState?.mtimeMs ?? 0);
    const isHere = journal ? journal.writer.host === hostname() : named.isHere;
    if (isOwnPartial(file)) continue;
    if (isHere !== false && runsHere(journal?.writer ?? named)) continue;
    if (isHere !== true && Date.now() - written < IDLE_TIMEOUT) continue;
    const { isAddition } = named;
    found.push({ path: file, journal, elsewhere: isHere === false, isAddition, written });
  }
  return found.sort((a, b) => b.written - a.written);
}

/** A writer with the id of this process is an earlier one: what this process writes is known by `isOwnPartial`. */
function runsHere({ pid, start }: { readonly pid: number; readonly start?: string | undefined }): boolean {
  return pid !== process.pid && isRunning(pid, start);
}
