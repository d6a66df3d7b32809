import { readdir, readFile, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { UsageError } from "@ozx/core";
import type { JobFingerprint, Journal } from "@ozx/core/internal";
import { type HeldFile, writeFailure } from "@ozx/core/internal/node";
import {
  addRecord,
  isOwnPartial,
  isRunning,
  journalPath,
  parseJournal,
  partialPath,
  startJournal,
  writerInName,
} from "./partial-files.js";
import { syncParent } from "./staging.js";

/** Least milliseconds between notes: of those who ask for it, and of all others, who should hardly notice. */
const CHECKPOINT_INTERVAL = { resume: 250, otherwise: 5000 };

/** A file or folder that is being written beside the place that it is for. */
export interface PartialOutput {
  /** Where it is now. */
  path(): string;
  /**
   * Takes what another process has left in its stead, under a name of its own. False where a third one was faster: of
   * several that find it one can rename it.
   */
  adopt(left: string, name: string): Promise<boolean>;
  /** Makes durable all that was written before the call. */
  sync(): Promise<void>;
}

/** The journal of a partial file or folder: a file beside it. */
export interface PartialJournal extends Journal {
  /** Whether the partial is to stay when this process fails: there is something in it that another one can go on with. */
  keeps(): boolean;
  /** To be called before the journal is removed, or left to somebody else. */
  close(): Promise<void>;
  /** Never throws. */
  remove(): Promise<void>;
}

/**
 * @param path the place that the partial is for
 * @param resume whether to go on with what an earlier process has left
 */
export function partialJournal(path: string, partial: PartialOutput, resume: boolean): PartialJournal {
  let notes: HeldFile | undefined;
  let keeps = false;
  const wrap = (error: unknown): never => {
    throw writeFailure(error, path);
  };
  return {
    resumes: resume,
    interval: resume ? CHECKPOINT_INTERVAL.resume : CHECKPOINT_INTERVAL.otherwise,
    async begin(fingerprint) {
      try {
        const candidates = resume ? leftoversOfJob(path, await findLeftovers(path), fingerprint) : [];
        for (const left of candidates) {
          notes = await adoptLeftover(path, partial, left, fingerprint);
          if (notes === undefined) continue;
          keeps = true;
          return { leftover: left.path, records: left.records };
        }
        notes = await startJournal(journalPath(partial.path()), fingerprint, []);
        return { leftover: undefined, records: [] };
      } catch (error) {
        return wrap(error);
      }
    },
    async checkpoint(text) {
      const open = notes;
      if (open === undefined) throw new TypeError("a journal takes notes once it has begun");
      try {
        await partial.sync();
        await addRecord(open, text);
        keeps = resume;
      } catch (error) {
        wrap(error);
      }
    },
    keeps: () => keeps,
    async close() {
      const open = notes;
      notes = undefined;
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
 * Makes what was left one's own, and returns the file of its journal; undefined where another process has it already.
 * Killed meanwhile, it leaves the old one with its journal, or the new one with its own.
 */
async function adoptLeftover(
  path: string,
  partial: PartialOutput,
  left: Candidate,
  fingerprint: JobFingerprint,
): Promise<HeldFile | undefined> {
  const name = partialPath(path);
  const journal = await startJournal(journalPath(name), fingerprint, left.records);
  let isTaken = false;
  try {
    isTaken = await partial.adopt(left.path, name);
  } finally {
    if (!isTaken) {
      await journal.close();
      await rm(journalPath(name), { force: true });
    }
  }
  if (!isTaken) return undefined;
  await syncParent(name);
  await rm(journalPath(left.path), { force: true }).catch(() => {});
  return journal;
}

/** What was left of the same job. Throws `UsageError` when there is something to go on with, and it is of another one. */
function leftoversOfJob(
  path: string,
  left: readonly Leftover[],
  { job, source }: JobFingerprint,
): readonly Candidate[] {
  const noted = left.flatMap(({ path, journal }) => (journal ? [{ path, ...journal }] : []));
  const same = noted.filter(({ fingerprint }) => fingerprint.job === job && fingerprint.source === source);
  const [last] = noted;
  if (same.length > 0 || last === undefined) return same;
  const changed = noted.find(({ fingerprint }) => fingerprint.job === job);
  const begunWith = changed
    ? "another input or another part of it"
    : "another input, other options or another version";
  const one = (changed ?? last).path;
  throw new UsageError(
    `${path} cannot be gone on with ${one}, for it was begun with ${begunWith}, or the input has changed since: give those again, or remove it and ${basename(journalPath(one))} to start anew`,
  );
}

/** What a process that was killed left beside a destination. */
export interface Leftover {
  readonly path: string;
  /** How far it had come, where it noted that: then it can be gone on with. */
  readonly journal: { readonly fingerprint: JobFingerprint; readonly records: readonly string[] } | undefined;
  /** Whether the process ran on another computer, so that it is only known to have written nothing for a while. */
  readonly elsewhere: boolean;
  /** Whether it was to be added to what is at the destination. */
  readonly isAddition: boolean;
}

/** A process on another computer is taken for dead when it has not written for this long, in milliseconds. */
const IDLE_TIME = 60_000;

/** Files and folders that were to become `path`, whose writers are gone; the one written last comes first. */
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
    // Of a folder that is being filled only the journal changes.
    const noted = await stat(journalPath(file)).catch(() => undefined);
    const written = Math.max(state.mtimeMs, noted?.mtimeMs ?? 0);
    const isHere = journal ? journal.writer.host === hostname() : named.isHere;
    if (isOwnPartial(file)) continue;
    if (isHere !== false && runsHere(journal?.writer ?? named)) continue;
    if (isHere !== true && Date.now() - written < IDLE_TIME) continue;
    const { isAddition } = named;
    found.push({ path: file, journal, elsewhere: isHere === false, isAddition, written });
  }
  return found.sort((a, b) => b.written - a.written);
}

/** With the number of this process it is of an earlier one, for what this one writes is known. */
function runsHere({ pid, start }: { readonly pid: number; readonly start?: string | undefined }): boolean {
  return pid !== process.pid && isRunning(pid, start);
}
