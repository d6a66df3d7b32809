import type { RunRange } from "../../bytes/concurrency.js";
import { createCheckpointer, sourceFingerprintOf } from "../../store/checkpoints.js";
import type { AbsolutePath } from "../../store/store.js";
import type { EarlierGenerated, EntryInput, Progress, WriteJob, WriteOptions } from "../../store/target.js";
import { openDirectoryStore } from "../read/directory-store.js";
import { type PartialJournal, partialJournal } from "../resume/partial-journal.js";
import { syncFolder } from "../system/sync-folder.js";
import { countWritten, fingerprintOf, readNotes, type SizedKey, spellNote } from "./folder-notes.js";
import type { FolderBeside, NewFolder } from "./new-folder.js";

/** Keeps account of the files of a folder that are written, so that another process can write the others. */
export interface FolderJournal {
  /** Runs of the entries that are still to be written. */
  readonly left: readonly RunRange[];
  /** The made entries that are written. */
  readonly made: EarlierGenerated | undefined;
  readonly madeKeys: readonly AbsolutePath[];
  /** What was done before. */
  readonly before: Progress;
  /** Takes a run as written. Throws when what was written before could not be made durable. */
  finished(run: RunRange): void;
  /** Takes a made entry as written. Throws as `finished` does. */
  madeWritten(key: AbsolutePath, size: number): void;
  /** Waits for what is being noted. Throws as `finished` does. */
  settle(): Promise<void>;
  /** After a failure: notes what is written. Never throws. */
  close(): Promise<void>;
}

/** A folder that is being filled, with a journal beside it. */
export interface JournaledFolder {
  readonly folder: NewFolder;
  readonly journal: PartialJournal;
  /** Keys of files that the next note tells of, for the journal to make durable first. */
  readonly unsynced: AbsolutePath[];
}

export function journaledFolder(path: string, folder: FolderBeside): JournaledFolder {
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
  const noted = readNotes(notes, (key) => job.generated?.origin?.owns(key) ?? false);
  const filesOf = ({ from, to }: RunRange): readonly EntryInput[] => job.entries.slice(from, to);
  const done: RunRange[] = [];
  for (const run of runs) {
    const files = filesOf(run);
    const isNoted = noted.runs.some(({ from, to }) => from === run.from && to === run.to);
    if (isNoted && (await countWritten(folder.path, files, signal)) === files.length) done.push(run);
  }
  const made = noted.made.slice(0, await countWritten(folder.path, noted.made, signal));
  const ofMade = progressOf(made);
  const ofRuns = progressOf(done.flatMap(filesOf));
  const before = { entries: ofRuns.entries + ofMade.entries, bytes: ofRuns.bytes + ofMade.bytes };
  onResume?.({ leftover: left, done: before, isResumable: true });
  let news: { runs: RunRange[]; made: SizedKey[] } = { runs: [], made: [] };
  const taker = createCheckpointer(journal, {
    ready: async () => true,
    record() {
      if (news.runs.length + news.made.length === 0) return undefined;
      const note = news;
      news = { runs: [], made: [] };
      for (const { key } of [...note.runs.flatMap(filesOf), ...note.made]) unsynced.push(key);
      return spellNote(note);
    },
  });
  return {
    left: runs.filter((run) => !done.includes(run)),
    made: earlierIn(folder.path, made, ofMade),
    madeKeys: made.map(({ key }) => key),
    before,
    finished(run) {
      news.runs.push(run);
      taker.checkpoint();
    },
    madeWritten(key, size) {
      news.made.push({ key, size });
      taker.checkpoint();
    },
    settle: taker.settle,
    close: taker.close,
  };
}

/** Made entries as those who make the others read them: not what else is in the folder, which may be half written. */
function earlierIn(folder: string, made: readonly SizedKey[], done: Progress): EarlierGenerated | undefined {
  const last = made.at(-1)?.key;
  if (last === undefined) return undefined;
  const keys = new Set(made.map(({ key }) => key));
  const files = openDirectoryStore(folder);
  return {
    last,
    done,
    values: {
      get: async (key, options) => (keys.has(key) ? files.get(key, options) : undefined),
      getRange: async (key, range, options) =>
        keys.has(key) ? files.getRange(key, range, options) : undefined,
    },
  };
}

function progressOf(files: readonly SizedKey[]): Progress {
  return { entries: files.length, bytes: files.reduce((sum, { size }) => sum + size, 0) };
}
