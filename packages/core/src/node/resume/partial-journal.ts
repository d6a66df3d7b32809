import { rm } from "node:fs/promises";
import { basename } from "node:path";
import type { JobFingerprint, Journal } from "../../bytes/source-and-sink.js";
import { UsageError } from "../../errors.js";
import { syncParent } from "../system/beside.js";
import { writeFailure } from "../system/failures.js";
import type { HeldFile } from "../system/held-file.js";
import { partialPath } from "../system/partial-name.js";
import { addNote, journalPath, startJournal } from "./file-journal.js";
import { type LeftPartial, leftPartials } from "./left-partials.js";

/** Least milliseconds between notes: of those who ask for it, and of all others, who should hardly notice. */
const NOTE_INTERVAL = { resume: 250, otherwise: 5000 };

/** A file or folder that is being written beside the place that it is for. */
export interface Partial {
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
export function partialJournal(path: string, partial: Partial, resume: boolean): PartialJournal {
  let notes: HeldFile | undefined;
  let keeps = false;
  const wrap = (error: unknown): never => {
    throw writeFailure(error, path);
  };
  return {
    resumes: resume,
    interval: resume ? NOTE_INTERVAL.resume : NOTE_INTERVAL.otherwise,
    async begin(fingerprint) {
      try {
        const candidates = resume ? findLeft(path, await leftPartials(path), fingerprint) : [];
        for (const left of candidates) {
          notes = await takeOver(path, partial, left, fingerprint);
          if (notes === undefined) continue;
          keeps = true;
          return { leftover: left.path, records: left.notes };
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
        await addNote(open, text);
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
  readonly notes: readonly string[];
}

/**
 * Makes what was left one's own, and returns the file of its journal; undefined where another process has it already.
 * Killed meanwhile, it leaves the old one with its journal, or the new one with its own.
 */
async function takeOver(
  path: string,
  partial: Partial,
  left: Candidate,
  fingerprint: JobFingerprint,
): Promise<HeldFile | undefined> {
  const name = partialPath(path);
  const journal = await startJournal(journalPath(name), fingerprint, left.notes);
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
function findLeft(
  path: string,
  left: readonly LeftPartial[],
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
