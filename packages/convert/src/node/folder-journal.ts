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
import { type FinishedEntry, formatFinished, type JobFingerprint, parseFinished } from "@ozx/core/internal";
import { type PartialJournal, partialJournal } from "./partial-journal.js";
import type { AdoptableFolder } from "./staged-folder.js";
import { syncFolder } from "./staging.js";

/** Records which files of a folder are written, so that another process can write the others. */
export interface FolderJournal {
  /** Runs of the job's entries that are not written yet. */
  readonly remaining: readonly RunRange[];
  /** The generated entries that an earlier run has written. */
  readonly generated: EarlierGenerated | undefined;
  readonly generatedKeys: readonly AbsolutePath[];
  /** What earlier runs have written. */
  readonly before: Progress;
  /** Records a written run. Throws when an earlier checkpoint failed. */
  finished(run: RunRange): void;
  /** Records a written generated entry. Throws as `finished` does. */
  generatedWritten(entry: FinishedEntry): void;
  /** Waits for the current checkpoint. Throws as `finished` does. */
  settle(): Promise<void>;
  /** After a failure: makes a last checkpoint. Never throws. */
  close(): Promise<void>;
}

/** A folder that is filled, and its journal. */
export interface JournaledFolder {
  /** Its path changes when a leftover is adopted. */
  readonly folder: AdoptableFolder;
  readonly journal: PartialJournal;
  /** Keys of the files that the next record covers, which the journal makes durable first. */
  readonly unsynced: AbsolutePath[];
}

/** @param path the folder's destination */
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
 * Starts the journal of a folder, or resumes an earlier one. Undefined where nothing can be resumed, because the source
 * has no fingerprints.
 *
 * @param runs of the job's entries
 * @throws UsageError when the earlier journal is of another job
 */
export async function openFolderJournal(
  job: WriteJob,
  runs: readonly RunRange[],
  { journal, folder, unsynced }: JournaledFolder,
  { signal, onResume }: WriteOptions = {},
): Promise<FolderJournal | undefined> {
  const isUnknown = job.generated !== undefined && job.generated.origin === undefined;
  const fingerprint = isUnknown ? undefined : await sourceFingerprintOf(job, { signal });
  if (fingerprint === undefined) {
    onResume?.({ leftover: undefined, done: { entries: 0, bytes: 0 }, isResumable: false });
    return undefined;
  }
  const { leftover, records } = await journal.begin(jobFingerprint(job, fingerprint.text));
  const sizes = new Map(parseFinished(records).map(({ key, size }) => [key, size]));
  const filesOf = ({ from, to }: RunRange): readonly EntryInput[] => job.entries.slice(from, to);
  const done = new Set<RunRange>();
  for (const run of runs) {
    const files = filesOf(run);
    const isFinished = files.every(({ key, size }) => sizes.get(key) === size);
    if (isFinished && (await countWritten(folder.path, files, signal)) === files.length) done.add(run);
  }
  for (const { key } of job.entries) sizes.delete(key);
  const recorded = takeOwned(sizes, job);
  const generated = recorded.slice(0, await countWritten(folder.path, recorded, signal));
  const last = generated.at(-1);
  const ofGenerated = progressOf(generated);
  const ofRuns = progressOf([...done].flatMap(filesOf));
  const before = {
    entries: ofRuns.entries + ofGenerated.entries,
    bytes: ofRuns.bytes + ofGenerated.bytes,
  };
  onResume?.({ leftover, done: before, isResumable: true });
  let pending: FinishedEntry[] = [];
  const checkpointer = createCheckpointer(journal, {
    ready: async () => true,
    record() {
      if (pending.length === 0) return undefined;
      const entries = pending;
      pending = [];
      for (const { key } of entries) unsynced.push(key);
      return formatFinished(entries);
    },
  });
  return {
    remaining: runs.filter((run) => !done.has(run)),
    generated: last && { last: last.key, done: ofGenerated },
    generatedKeys: generated.map(({ key }) => key),
    before,
    finished(run) {
      for (const { key, size } of filesOf(run)) pending.push({ key, size });
      checkpointer.checkpoint();
    },
    generatedWritten(entry) {
      pending.push(entry);
      checkpointer.checkpoint();
    },
    settle: checkpointer.settle,
    close: checkpointer.close,
  };
}

/** The recorded entries that the job generates, up to the first that it does not. */
function takeOwned(sizes: ReadonlyMap<AbsolutePath, number>, { generated }: WriteJob): FinishedEntry[] {
  const owned: FinishedEntry[] = [];
  for (const [key, size] of sizes) {
    if (!generated?.origin?.owns(key)) break;
    owned.push({ key, size });
  }
  return owned;
}

function progressOf(files: readonly FinishedEntry[]): Progress {
  return { entries: files.length, bytes: files.reduce((sum, { size }) => sum + size, 0) };
}

/** How many files, from the first one on, exist in a folder with their sizes. */
async function countWritten(
  folder: string,
  files: readonly FinishedEntry[],
  signal: AbortSignal | undefined,
): Promise<number> {
  const throttle = createThrottle({ signal });
  for (const [index, { key, size }] of files.entries()) {
    if (statSync(join(folder, key), { throwIfNoEntry: false })?.size !== size) return index;
    const pause = throttle();
    if (pause !== undefined) await pause;
  }
  return files.length;
}

/** Identifies everything that the files of a job depend on. */
function jobFingerprint({ entries, generated }: WriteJob, source: string): JobFingerprint {
  const hash = createHash("sha256");
  for (const { key, size, content } of entries) {
    hash.update(`${key} ${size}\n`);
    if (content === key) continue;
    for (const piece of typeof content === "string" || content instanceof Uint8Array ? [content] : content) {
      if (piece instanceof Uint8Array || typeof piece === "string") hash.update(piece);
      else hash.update(`${piece.key} ${piece.size}\n`);
    }
  }
  if (generated?.origin !== undefined) {
    hash.update(generated.origin.recipe);
    for (const key of generated.origin.reads()) hash.update(`${key}\n`);
  }
  return { job: `folder-${hash.digest("hex")}`, source };
}
