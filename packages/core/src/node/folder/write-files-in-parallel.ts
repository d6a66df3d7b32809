import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { type RunRange, splitByCost } from "../../bytes/concurrency.js";
import type { Store } from "../../store/store.js";
import type { StoreFormat } from "../../store/store-format.js";
import type { EntryInput, WriteJob, WriteOptions } from "../../store/target.js";
import { progressCounter } from "../../store/target.js";
import { isAddress } from "../system/place.js";
import { type PackedEntries, packEntries } from "../threads/packed-entries.js";
import { canStart, shareOut } from "../threads/share-out.js";
import type { FileThreadData } from "./file-thread.js";
import { newFilesIn } from "./new-files.js";
import { WHOLE, writeFiles } from "./write-files.js";

const MIB = 1024 * 1024;
/** What a file costs besides its bytes (creating, opening, closing), as bytes that are copied in the same time. */
const FILE_COST = 64 * 1024;
/** Work below which one more thread, whose start takes a tenth of a second, costs more than it brings. */
const WORTH_A_THREAD = 512 * MIB;
/** A large file is read and checked by its thread while it is written by another of Node's: two processors. */
const BUSY_WITH_LARGE = 2;
const RUN_SIZES = { least: 4 * MIB, most: 128 * MIB };
/** Built beside this. */
const THREAD = new URL("./file-thread.js", import.meta.url);

export interface WriteFilesOptions extends WriteOptions {
  /** Present where another process may go on with what this one leaves, or this one does with what another one left. */
  readonly account?:
    | {
        /** Which runs of the entries are to be written. */
        readonly left: readonly RunRange[];
        /** Called when a run is written. */
        finished(run: RunRange): void;
      }
    | undefined;
}

/** The runs that threads share. */
export function fileRuns(entries: readonly EntryInput[]): RunRange[] {
  return splitByCost(entries.length, (index) => workOf(entries[index]), RUN_SIZES);
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
  { account, ...options }: WriteFilesOptions = {},
): Promise<void> {
  const opened = openedElsewhere(source, formats);
  const runs = account?.left ?? fileRuns(entries);
  const replace = account !== undefined;
  const threads = Math.min(options.workers ?? worthwhileThreads(entries), runs.length);
  if (threads < 2 || opened === undefined || !canStart(THREAD)) {
    const files = newFilesIn(folder, replace);
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
  await shareOut({ thread: THREAD, workerData, threads, orders, onFinished }, options);
}

/** What a thread opens the same store with; undefined where it cannot: on a server, whose credentials it lacks. */
function openedElsewhere(
  store: Store,
  formats: readonly StoreFormat[],
): Pick<FileThreadData, "source" | "format"> | undefined {
  const source = store.descriptor?.();
  if (source === undefined || isAddress(source.location)) return undefined;
  if (source.format === "directory") return { source, format: undefined };
  const format = formats.find(({ id }) => id === source.format)?.module;
  return format !== undefined && existsSync(new URL(format.href)) ? { source, format } : undefined;
}

function workOf(entry: EntryInput | undefined): number {
  return (entry?.size ?? 0) + FILE_COST;
}

function worthwhileThreads(entries: readonly EntryInput[]): number {
  let work = 0;
  let busy = 0;
  for (const entry of entries) {
    const own = workOf(entry);
    work += own;
    busy += own * (entry.size > WHOLE ? BUSY_WITH_LARGE : 1);
  }
  const worth = Math.floor(work / WORTH_A_THREAD);
  return worth < 2 ? 1 : Math.min(worth, Math.floor((availableParallelism() * work) / busy));
}
