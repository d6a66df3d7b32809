import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { isOzxError, type Store, type StoreFormat } from "@ozx/core";
import {
  checkKeysSafe,
  checkSourceUnchanged,
  type EntryInput,
  type EntryWriter,
  progressAfter,
  progressCounter,
  type RunRange,
  type StoreTarget,
  splitByCost,
  type WriteJob,
  type WriteOptions,
  writeGenerated,
} from "@ozx/core/container";
import { checkKeysDistinct, checkKeysOnWindows } from "@ozx/core/internal";
import { isAddress, writeFailure } from "@ozx/core/internal/node";
import { canStart, distributeTasks, type PackedEntries, packEntries } from "@ozx/core/node";
import type { FileThreadData } from "./file-thread.js";
import { type FolderJournal, journaledFolder, openFolderJournal } from "./folder-journal.js";
import { createFilesIn, folderWriter, READ_WHOLE_UP_TO, writeFiles } from "./folder-writer.js";
import { type StagedFolder, stageFolder } from "./staged-folder.js";
import { type DestinationOptions, refuseWithoutSpace, type StagedOutput } from "./staging.js";

export interface DirectoryTargetOptions extends DestinationOptions {
  /** Formats that may have opened the source: threads use them to open it again. */
  readonly formats?: readonly StoreFormat[] | undefined;
}

/**
 * A target that becomes the folder `path`, one file per entry. The files go to a folder beside it, which is synced and
 * renamed; when anything fails, the destination is unchanged. Many files are written by several threads.
 *
 * With `overwrite`, a folder is only replaced when it is empty or holds a Zarr hierarchy.
 */
export function directoryTarget(path: string, options: DirectoryTargetOptions = {}): StoreTarget {
  return {
    name: path,
    async write(job, writing) {
      const staged = await writeFolder(path, job, options, writing);
      try {
        await staged.publish();
      } finally {
        await staged.close();
      }
    },
    async begin() {
      return folderWriter(path, await stageFolder(path, options));
    },
  };
}

/** As {@link directoryTarget}, for a folder that is published in a second step. */
export function stageDirectory(path: string, options: DirectoryTargetOptions = {}): StagedOutput {
  let written: WrittenFolder | undefined;
  const complete = (): WrittenFolder => {
    if (written === undefined) throw new TypeError(`${path} is not complete: write it first`);
    return written;
  };
  return {
    target: {
      name: path,
      async write(job, writing) {
        written = await writeFolder(path, job, options, writing);
      },
    },
    get path() {
      return complete().path;
    },
    publish: async () => complete().publish(),
    discard: async () => written?.discard(),
    close: async () => written?.close(),
  };
}

/** A complete folder that is not published yet. */
type WrittenFolder = Omit<StagedOutput, "target">;

/** Writes a job into a folder beside `path`. When it fails, nothing is left but what can be resumed. */
async function writeFolder(
  path: string,
  job: WriteJob,
  options: DirectoryTargetOptions,
  writing: WriteOptions | undefined,
): Promise<WrittenFolder> {
  const keys = job.entries.map(({ key }) => key);
  checkKeysSafe(keys, job.source.name);
  checkKeysDistinct(keys, job.source.name);
  if (process.platform === "win32") checkKeysOnWindows(keys, job.source.name);
  const folder = await stageFolder(path, options);
  const journaled = journaledFolder(path, folder);
  const { journal } = journaled;
  let isPublished = false;
  const end = async (keeps: boolean): Promise<void> => {
    if (isPublished) return;
    await journal.close().catch(() => {});
    if (keeps) return folder.leave();
    await folder.remove(writing);
    await journal.remove();
  };
  const close = (): Promise<void> => end(journal.keeps());
  let progress: FolderJournal | undefined;
  try {
    const runs = fileRuns(job.entries);
    if (options.resume) progress = await openFolderJournal(job, runs, journaled, writing);
    await writeJob(job, { path, folder, progress, runs, formats: options.formats ?? [] }, writing);
  } catch (error) {
    // In a folder that was taken over everything fails, and that is the reason to report.
    const cause = await folder.refuseTaken().then(
      () => error,
      (taken: unknown) => taken,
    );
    if (isOzxError(error, "SourceChanged")) journal.forget();
    await progress?.close();
    await close();
    throw writeFailure(cause, path);
  }
  return {
    path: folder.path,
    async publish() {
      await folder.publish(writing);
      isPublished = true;
      await journal.close().catch(() => {});
      await journal.finish();
    },
    discard: () => end(false),
    close,
  };
}

interface FolderInProgress {
  /** The folder's destination. */
  readonly path: string;
  readonly folder: StagedFolder;
  /** Present where the folder can be resumed. */
  readonly progress: FolderJournal | undefined;
  /** All runs of the job. */
  readonly runs: readonly RunRange[];
  readonly formats: readonly StoreFormat[];
}

/** Writes what is not written yet, and makes all of the folder durable. */
async function writeJob(
  job: WriteJob,
  { path, folder, progress, runs, formats }: FolderInProgress,
  writing: WriteOptions | undefined,
): Promise<void> {
  const missing = (progress?.remaining ?? runs).flatMap(({ from, to }) => job.entries.slice(from, to));
  // Space for the generated entries of an earlier run is allocated already.
  const generated = (progress?.before.bytes ?? 0) > 0 ? 0 : (job.generated?.leastBytes ?? 0);
  const bytes = missing.reduce((sum, { size }) => sum + size, generated);
  await refuseWithoutSpace(path, { bytes, files: missing.length });
  const onProgress = progress ? progressAfter(progress.before, writing) : writing?.onProgress;
  await writeFilesInParallel(job, folder.path, formats, { ...writing, onProgress, journal: progress });
  const writer = folderWriter(path, folder, {
    written: [...job.entries.map(({ key }) => key), ...(progress?.generatedKeys ?? [])],
    replace: progress !== undefined,
  });
  const recording = progress ? recordingWriter(writer, progress) : writer;
  await writeGenerated(job, recording, writing, progress?.generated);
  await progress?.settle();
  await checkSourceUnchanged(job, writing);
  await writer.finish(writing);
}

/** A writer that records in a journal what it has written. */
function recordingWriter(writer: EntryWriter, journal: FolderJournal): Pick<EntryWriter, "add"> {
  return {
    async add({ key, bytes }, options) {
      let size = 0;
      const counted = async function* (blocks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
        for await (const block of blocks) {
          size += block.length;
          yield block;
        }
      };
      if (bytes instanceof Uint8Array) size = bytes.length;
      await writer.add({ key, bytes: bytes instanceof Uint8Array ? bytes : counted(bytes) }, options);
      journal.generatedWritten({ key, size });
    },
  };
}

const MIB = 1024 * 1024;
/** The time to create, open and close a file, as the number of bytes that are copied in that time. */
const FILE_COST = 64 * 1024;
/** The least cost that pays for one more thread, which takes a tenth of a second to start. */
const COST_WORTH_A_THREAD = 512 * MIB;
/** A large file keeps two processors busy: its thread reads and checks it, and another one of Node's writes it. */
const BUSY_WITH_LARGE = 2;
const RUN_SIZES = { least: 4 * MIB, most: 128 * MIB };
/** Built next to this file. */
const THREAD = new URL("./file-thread.js", import.meta.url);

export interface WriteFilesOptions extends WriteOptions {
  /** Present where the folder can be resumed, or is resumed. */
  readonly journal?: Pick<FolderJournal, "remaining" | "finished"> | undefined;
}

/** Splits a job into the runs that are given to threads. */
export function fileRuns(entries: readonly EntryInput[]): RunRange[] {
  return splitByCost(entries.length, (index) => costOf(entries[index]), RUN_SIZES);
}

/**
 * Writes the entries of a job into files as `writeFiles` does, in several threads, each of which opens the source. The
 * calling thread writes alone where the source cannot be opened by others and, unless `workers` is set, for small jobs.
 *
 * @param formats that may have opened the source
 */
export async function writeFilesInParallel(
  { source, entries }: Pick<WriteJob, "source" | "entries">,
  folder: string,
  formats: readonly StoreFormat[],
  { journal, ...options }: WriteFilesOptions = {},
): Promise<void> {
  const opened = reopenable(source, formats);
  const runs = journal?.remaining ?? fileRuns(entries);
  const replace = journal !== undefined;
  const threads = Math.min(options.workers ?? worthwhileThreads(entries), runs.length);
  if (threads < 2 || opened === undefined || !canStart(THREAD)) {
    const files = createFilesIn(folder, replace);
    if (journal === undefined) return writeFiles({ source, entries }, files, options);
    const count = progressCounter(options);
    for (const run of runs) {
      const part = { source, entries: entries.slice(run.from, run.to) };
      await writeFiles(part, files, { ...options, onProgress: count.within() });
      journal.finished(run);
    }
    return;
  }
  const workerData: FileThreadData = { ...opened, folder, replace };
  const tasks = (function* (): Generator<PackedEntries & RunRange> {
    for (const { from, to } of runs) yield { ...packEntries(entries.slice(from, to)), from, to };
  })();
  const onFinished = (run: RunRange): void => journal?.finished(run);
  await distributeTasks({ thread: THREAD, workerData, threads, tasks, onFinished }, options);
}

/** What a thread needs to open the source; undefined where it cannot, as on a server whose credentials it lacks. */
function reopenable(
  store: Store,
  formats: readonly StoreFormat[],
): Pick<FileThreadData, "source" | "format"> | undefined {
  const source = store.descriptor?.();
  if (source === undefined || isAddress(source.location)) return undefined;
  if (source.format === "directory") return { source, format: undefined };
  const format = formats.find(({ id }) => id === source.format)?.module;
  return format !== undefined && existsSync(new URL(format.href)) ? { source, format } : undefined;
}

function costOf(entry: EntryInput | undefined): number {
  return (entry?.size ?? 0) + FILE_COST;
}

function worthwhileThreads(entries: readonly EntryInput[]): number {
  let cost = 0;
  let processorCost = 0;
  for (const entry of entries) {
    const own = costOf(entry);
    cost += own;
    processorCost += own * (entry.size > READ_WHOLE_UP_TO ? BUSY_WITH_LARGE : 1);
  }
  const threads = Math.floor(cost / COST_WORTH_A_THREAD);
  return threads < 2 ? 1 : Math.min(threads, Math.floor((availableParallelism() * cost) / processorCost));
}
