import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import type { Store, StoreFormat } from "@ozx/core";
import {
  checkKeysSafe,
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
import { checkKeysDistinct } from "@ozx/core/internal";
import { isAddress, writeFailure } from "@ozx/core/internal/node";
import { canStart, distributeTasks, type PackedEntries, packEntries } from "@ozx/core/node";
import type { FileThreadData } from "./file-thread.js";
import { type FolderJournal, journaledFolder, openFolderJournal } from "./folder-journal.js";
import { createFilesIn, folderWriter, READ_WHOLE_UP_TO, writeFiles } from "./folder-writer.js";
import { stageFolder } from "./staged-folder.js";
import { type DestinationOptions, refuseWithoutSpace, VerifyFailedError } from "./staging.js";

export interface DirectoryTargetOptions extends DestinationOptions {
  /** Those that may have opened what is written there: threads open it again with them, to write together. */
  readonly formats?: readonly StoreFormat[] | undefined;
}

/**
 * A target that becomes the folder `path`, one file an entry. The files go to a folder beside it, which is
 * synced and renamed; when anything fails the destination is as it was. Where there are many, threads write them.
 *
 * With `overwrite`, a folder is only replaced when it is empty or holds a Zarr hierarchy.
 */
export function directoryTarget(path: string, options: DirectoryTargetOptions = {}): StoreTarget {
  return {
    name: path,
    async write(job, writing) {
      const keys = job.entries.map(({ key }) => key);
      checkKeysSafe(keys, job.source.name);
      checkKeysDistinct(keys, job.source.name);
      const folder = await stageFolder(path, options);
      const beside = journaledFolder(path, folder);
      let account: FolderJournal | undefined;
      try {
        const runs = fileRuns(job.entries);
        if (options.resume) account = await openFolderJournal(job, runs, beside, writing);
        const left = (account?.remaining ?? runs).flatMap(({ from, to }) => job.entries.slice(from, to));
        // What an earlier run has made has its room already.
        const made = (account?.before.bytes ?? 0) > 0 ? 0 : (job.generated?.leastBytes ?? 0);
        const bytes = left.reduce((sum, { size }) => sum + size, made);
        await refuseWithoutSpace(path, { bytes, files: left.length });
        const onProgress = account ? progressAfter(account.before, writing) : writing?.onProgress;
        await writeFilesInParallel(job, folder.path, options.formats ?? [], {
          ...writing,
          onProgress,
          journal: account,
        });
        const written = [...keys, ...(account?.generatedKeys ?? [])];
        const writer = folderWriter(path, folder, written, account !== undefined);
        await writeGenerated(
          job,
          account ? recordingWriter(writer, account) : writer,
          writing,
          account?.generated,
        );
        await account?.settle();
        await writer.commit(writing);
      } catch (error) {
        // Of a folder that is gone everything else fails too.
        const cause = await folder.refuseTaken().then(
          () => error,
          (taken: unknown) => taken,
        );
        await account?.close();
        await beside.journal.close();
        if (beside.journal.keeps() && !(error instanceof VerifyFailedError)) {
          folder.leave();
        } else {
          await folder.remove();
          await beside.journal.remove();
        }
        throw writeFailure(cause, path);
      }
      await beside.journal.close();
      await beside.journal.remove();
    },
    async begin() {
      const folder = await stageFolder(path, options);
      return folderWriter(path, folder);
    },
  };
}

/** A writer that tells a journal what is written. */
function recordingWriter(writer: EntryWriter, account: FolderJournal): Pick<EntryWriter, "add"> {
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
      account.generatedWritten(key, size);
    },
  };
}

const MIB = 1024 * 1024;
/** What a file costs besides its bytes (creating, opening, closing), as bytes that are copied in the same time. */
const FILE_COST = 64 * 1024;
/** Work below which one more thread, whose start takes a tenth of a second, costs more than it brings. */
const COST_WORTH_A_THREAD = 512 * MIB;
/** A large file is read and checked by its thread while it is written by another of Node's: two processors. */
const BUSY_WITH_LARGE = 2;
const RUN_SIZES = { least: 4 * MIB, most: 128 * MIB };
/** Built beside this. */
const THREAD = new URL("./file-thread.js", import.meta.url);

export interface WriteFilesOptions extends WriteOptions {
  /** Present where another process may go on with what this one leaves, or this one does with what another one left. */
  readonly journal?:
    | {
        /** Which runs of the entries are to be written. */
        readonly remaining: readonly RunRange[];
        /** Called when a run is written. */
        finished(run: RunRange): void;
      }
    | undefined;
}

/** The runs that threads share. */
export function fileRuns(entries: readonly EntryInput[]): RunRange[] {
  return splitByCost(entries.length, (index) => costOf(entries[index]), RUN_SIZES);
}

/**
 * Writes the entries of a job into the files of a folder as `writeFiles` does, shared out among threads: each has
 * handles of its own on the source. The calling thread does it alone where the source cannot be opened elsewhere,
 * and, unless `jobs` says how many threads, where there is too little to do.
 *
 * @param formats those that may have opened the source
 */
export async function writeFilesInParallel(
  { source, entries }: Pick<WriteJob, "source" | "entries">,
  folder: string,
  formats: readonly StoreFormat[],
  { journal: account, ...options }: WriteFilesOptions = {},
): Promise<void> {
  const opened = reopenable(source, formats);
  const runs = account?.remaining ?? fileRuns(entries);
  const replace = account !== undefined;
  const threads = Math.min(options.workers ?? worthwhileThreads(entries), runs.length);
  if (threads < 2 || opened === undefined || !canStart(THREAD)) {
    const files = createFilesIn(folder, replace);
    if (account === undefined) return writeFiles({ source, entries }, files, options);
    const count = progressCounter(options);
    for (const run of runs) {
      const part = { source, entries: entries.slice(run.from, run.to) };
      await writeFiles(part, files, { ...options, onProgress: count.within() });
      account.finished(run);
    }
    return;
  }
  const workerData: FileThreadData = { ...opened, folder, replace };
  const orders = (function* (): Generator<PackedEntries & RunRange> {
    for (const { from, to } of runs) yield { ...packEntries(entries.slice(from, to)), from, to };
  })();
  const onFinished = (run: RunRange): void => account?.finished(run);
  await distributeTasks({ thread: THREAD, workerData, threads, tasks: orders, onFinished }, options);
}

/** What a thread opens the same store with; undefined where it cannot: on a server, whose credentials it lacks. */
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
  let work = 0;
  let busy = 0;
  for (const entry of entries) {
    const own = costOf(entry);
    work += own;
    busy += own * (entry.size > READ_WHOLE_UP_TO ? BUSY_WITH_LARGE : 1);
  }
  const worth = Math.floor(work / COST_WORTH_A_THREAD);
  return worth < 2 ? 1 : Math.min(worth, Math.floor((availableParallelism() * work) / busy));
}
