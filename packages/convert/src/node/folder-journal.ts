import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { join } from "node:path";
import type { AbsolutePath } from "@ozx/core";
import {
  createCheckpointer,
  createThrottle,
  type EarlierGenerated,
  type EntryInput,
  type Progress,
  type RunRange,
  sourceFingerprintOf,
  type WriteJob,
  type WriteOptions,
} from "@ozx/core/container";
import type { JobFingerprint } from "@ozx/core/internal";
import { type PartialJournal, partialJournal } from "./partial-journal.js";
import type { AdoptableFolder, StagedFolder } from "./staged-folder.js";
import { syncFolder } from "./staging.js";

/** Keeps account of the files of a folder that are written, so that another process can write the others. */
export interface FolderJournal {
  /** Runs of the entries that are still to be written. */
  readonly remaining: readonly RunRange[];
  /** The made entries that are written. */
  readonly generated: EarlierGenerated | undefined;
  readonly generatedKeys: readonly AbsolutePath[];
  /** What was done before. */
  readonly before: Progress;
  /** Takes a run as written. Throws when what was written before could not be made durable. */
  finished(run: RunRange): void;
  /** Takes a made entry as written. Throws as `finished` does. */
  generatedWritten(key: AbsolutePath, size: number): void;
  /** Waits for what is being noted. Throws as `finished` does. */
  settle(): Promise<void>;
  /** After a failure: notes what is written. Never throws. */
  close(): Promise<void>;
}

/** A folder that is being filled, with a journal beside it. */
export interface JournaledFolder {
  readonly folder: StagedFolder;
  readonly journal: PartialJournal;
  /** Keys of files that the next note tells of, for the journal to make durable first. */
  readonly unsynced: AbsolutePath[];
}

export function journaledFolder(path: string, folder: AdoptableFolder): JournaledFolder {
  const unsynced: AbsolutePath[] = [];
  const partial = {
    path: () => folder.path,
    adopt: folder.adopt,
    sync: () => syncFolder(folder.path, unsynced.splice(0)),
  };
  return { folder, journal: partialJournal(path, partial, true), unsynced };
}

/**
 * Begins the account of a folder, or goes on with an earlier one. Undefined where nothing can be gone on with: for
 * sources that cannot tell whether they have changed.
 *
 * @param runs of the job's entries
 * @param folder where the files are, which changes when an earlier one is adopted
 * @throws UsageError when the earlier one is of another job
 */
export async function openFolderJournal(
  job: WriteJob,
  runs: readonly RunRange[],
  { journal, folder, unsynced }: JournaledFolder,
  { signal, onResume }: WriteOptions = {},
): Promise<FolderJournal | undefined> {
  const cannotTell = job.generated !== undefined && job.generated.origin === undefined;
  const stamp = cannotTell ? undefined : await sourceFingerprintOf(job, { signal });
  if (stamp === undefined) {
    onResume?.({ leftover: undefined, done: { entries: 0, bytes: 0 }, isResumable: false });
    return undefined;
  }
  const { leftover: left, records: notes } = await journal.begin(fingerprintOf(job, stamp.text));
  const noted = readRecords(notes, (key) => job.generated?.origin?.owns(key) ?? false);
  const filesOf = ({ from, to }: RunRange): readonly EntryInput[] => job.entries.slice(from, to);
  const done: RunRange[] = [];
  for (const run of runs) {
    const files = filesOf(run);
    const isNoted = noted.runs.some(({ from, to }) => from === run.from && to === run.to);
    if (isNoted && (await countWritten(folder.path, files, signal)) === files.length) done.push(run);
  }
  const made = noted.generated.slice(0, await countWritten(folder.path, noted.generated, signal));
  const last = made.at(-1);
  const ofMade = progressOf(made);
  const ofRuns = progressOf(done.flatMap(filesOf));
  const before = { entries: ofRuns.entries + ofMade.entries, bytes: ofRuns.bytes + ofMade.bytes };
  onResume?.({ leftover: left, done: before, isResumable: true });
  let news: { runs: RunRange[]; generated: SizedKey[] } = { runs: [], generated: [] };
  const taker = createCheckpointer(journal, {
    ready: async () => true,
    record() {
      if (news.runs.length + news.generated.length === 0) return undefined;
      const note = news;
      news = { runs: [], generated: [] };
      for (const { key } of [...note.runs.flatMap(filesOf), ...note.generated]) unsynced.push(key);
      return formatRecord(note);
    },
  });
  return {
    remaining: runs.filter((run) => !done.includes(run)),
    generated: last && { last: last.key, done: ofMade },
    generatedKeys: made.map(({ key }) => key),
    before,
    finished(run) {
      news.runs.push(run);
      taker.checkpoint();
    },
    generatedWritten(key, size) {
      news.generated.push({ key, size });
      taker.checkpoint();
    },
    settle: taker.settle,
    close: taker.close,
  };
}

function progressOf(files: readonly SizedKey[]): Progress {
  return { entries: files.length, bytes: files.reduce((sum, { size }) => sum + size, 0) };
}

/** A file that is written, or is to be. */
export interface SizedKey {
  readonly key: AbsolutePath;
  readonly size: number;
}

/** What the journal of a folder says. */
export interface FolderRecord {
  /** Runs of the job's entries that are written. */
  readonly runs: readonly RunRange[];
  /** The made ones, in their order. */
  readonly generated: readonly SizedKey[];
}

export function formatRecord({ runs, generated: made }: FolderRecord): string {
  return JSON.stringify({
    runs: runs.map(({ from, to }) => [from, to]),
    made: made.map(({ key, size }) => [key, size]),
  });
}

/** What all notes say together. What is not understood is left out, and is written again. */
export function readRecords(notes: readonly string[], owns: (key: AbsolutePath) => boolean): FolderRecord {
  const parsed = notes.flatMap(parseRecord);
  const made = new Map<AbsolutePath, SizedKey>();
  for (const one of parsed.flatMap((note) => note.generated)) {
    if (!owns(one.key)) break;
    made.set(one.key, one);
  }
  return { runs: parsed.flatMap(({ runs }) => runs), generated: [...made.values()] };
}

function parseRecord(text: string): FolderRecord[] {
  try {
    const { runs, made } = JSON.parse(text) as Record<string, unknown>;
    if (!Array.isArray(runs) || !Array.isArray(made)) return [];
    return [
      {
        runs: runs.map(([from, to]: [number, number]) => ({ from, to })),
        generated: made.map(([key, size]: [AbsolutePath, number]) => ({ key, size })),
      },
    ];
  } catch {
    return [];
  }
}

/** How many files, from the first on, are in a folder with the sizes that they must have. */
export async function countWritten(
  folder: string,
  files: readonly SizedKey[],
  signal: AbortSignal | undefined,
): Promise<number> {
  const pause = createThrottle();
  for (const [index, { key, size }] of files.entries()) {
    if (statSync(join(folder, key), { throwIfNoEntry: false })?.size !== size) return index;
    const rest = pause();
    if (rest === undefined) continue;
    await rest;
    signal?.throwIfAborted();
  }
  return files.length;
}

/** Says all that the files of a job depend on. */
export function fingerprintOf({ entries, generated: made }: WriteJob, source: string): JobFingerprint {
  const hash = createHash("sha256");
  for (const { key, size, content } of entries) {
    hash.update(`${key} ${size}\n`);
    if (content === key) continue;
    for (const piece of typeof content === "string" || content instanceof Uint8Array ? [content] : content) {
      if (piece instanceof Uint8Array || typeof piece === "string") hash.update(piece);
      else hash.update(`${piece.key} ${piece.size}\n`);
    }
  }
  if (made?.origin !== undefined) {
    hash.update(made.origin.recipe);
    for (const key of made.origin.reads()) hash.update(`${key}\n`);
  }
  return { job: `folder-${hash.digest("hex")}`, source };
}
