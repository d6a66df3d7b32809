import { close } from "node:fs";
import { rm } from "node:fs/promises";
import { basename } from "node:path";
import { promisify } from "node:util";
import type { JobFingerprint, Journal } from "../bytes/byte-sink.js";
import { UsageError } from "../errors.js";
import { writeFailure } from "./failures.js";
import { addNote, journalPath, startJournal } from "./file-journal.js";
import { type LeftPartial, leftPartials } from "./left-partials.js";

const closeFile = promisify(close);

/** Least milliseconds between notes: of those who ask for it, and of all others, who should hardly notice. */
const NOTE_INTERVAL = { resume: 250, otherwise: 5000 };

/** A file or folder that is being written beside the place that it is for. */
export interface Partial {
  /** Where it is now. */
  path(): string;
  /** Takes what another process has left in its stead. */
  adopt(left: string): Promise<void>;
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
  let notes: number | undefined;
  let keeps = false;
  const wrap = (error: unknown): never => {
    throw writeFailure(error, path);
  };
  return {
    resumes: resume,
    interval: resume ? NOTE_INTERVAL.resume : NOTE_INTERVAL.otherwise,
    async begin(fingerprint) {
      try {
        const left = resume ? findLeft(path, await leftPartials(path), fingerprint) : undefined;
        if (left !== undefined) {
          await partial.adopt(left.path);
          keeps = true;
        }
        const earlier = left?.journal?.notes ?? [];
        notes = await startJournal(journalPath(partial.path()), fingerprint, earlier);
        return { left: left?.path, notes: earlier };
      } catch (error) {
        return wrap(error);
      }
    },
    async note(text) {
      if (notes === undefined) throw new TypeError("a journal takes notes once it has begun");
      try {
        await partial.sync();
        await addNote(notes, text);
        keeps = resume;
      } catch (error) {
        wrap(error);
      }
    },
    keeps: () => keeps,
    async close() {
      const open = notes;
      notes = undefined;
      if (open !== undefined) await closeFile(open);
    },
    remove: () => rm(journalPath(partial.path()), { force: true }).catch(() => {}),
  };
}

/** What was left of the same job. Throws `UsageError` when there is something to go on with, and it is of another one. */
function findLeft(
  path: string,
  left: readonly LeftPartial[],
  { job, source }: JobFingerprint,
): LeftPartial | undefined {
  const noted = left.flatMap((one) =>
    one.journal ? [{ ...one, fingerprint: one.journal.fingerprint }] : [],
  );
  const same = noted.find(({ fingerprint }) => fingerprint.job === job && fingerprint.source === source);
  const [last] = noted;
  if (same !== undefined || last === undefined) return same;
  const changed = noted.find(({ fingerprint }) => fingerprint.job === job);
  const begunWith = changed
    ? "another input or another part of it"
    : "another input, other options or another version";
  const one = (changed ?? last).path;
  throw new UsageError(
    `${path} cannot be gone on with ${one}, for it was begun with ${begunWith}, or the input has changed since: give those again, or remove it and ${basename(journalPath(one))} to start anew`,
  );
}
