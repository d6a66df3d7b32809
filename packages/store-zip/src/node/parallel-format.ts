import { availableParallelism } from "node:os";
import type { Store, StoreDescriptor } from "@ozx/core";
import type { ByteSink, RunRange, SharedSink } from "@ozx/core/container";
import { isAddress } from "@ozx/core/internal/node";
import { canStart, distributeTasks, type PackedEntries, packEntries } from "@ozx/core/node";
import { ozxFormat as anywhere, type OzxFormat } from "../format/ozx-format.js";
import { ozxTarget } from "../format/ozx-target.js";
import { partedArchive } from "../format/parted-archive.js";
import { layoutOfRun, type ZipLayout } from "../write/layout.js";
import { type EntryData, type WriteRunsOptions, writeRuns } from "../write/write-entries.js";

/** `ozxFormat` of `@ozx/store-zip`, with archives that are written by several threads. */
export const ozxFormat: OzxFormat = {
  ...anywhere,
  // The module and name by which threads import this from the built package.
  module: { href: new URL("./index.js", import.meta.url).href, name: "ozxFormat" },
  target: (sink) => ozxTarget(sink, writeInParallel),
  parts: (job, options) => partedArchive(job, options, writeInParallel),
};

/** The bytes of entries from which another thread saves more time than it takes to start, about 0.15 s. */
const WORTH_A_THREAD = 256 * 1024 * 1024;
/** What another thread saves of an entry besides its bytes, as bytes: most of that work is the calling thread's. */
const ENTRY_WORTH = 4096;
/** In the same folder of the built package. */
const THREAD = new URL("./writer-thread.js", import.meta.url);

/**
 * Writes runs as `writeRuns` does, distributed among threads that have their own handles of the source and the sink. The
 * calling thread does it alone where the source or the sink cannot be opened in other threads, and, without the option
 * `workers`, where the work is too small.
 */
async function writeInParallel(
  data: EntryData,
  runs: readonly RunRange[],
  sink: ByteSink,
  options: WriteRunsOptions = {},
): Promise<void> {
  const source = descriptorFor(data.source);
  const shared = sink.share?.();
  const threads = Math.min(options.workers ?? worthwhileThreads(data, runs), runs.length);
  if (threads < 2 || source === undefined || shared === undefined || !canStart(THREAD)) {
    return writeRuns(data, runs, sink, options);
  }
  const crcs = new SharedArrayBuffer(data.crcs.byteLength);
  const written = new Uint32Array(crcs);
  const workerData: WriterData = { source, sink: shared, crcs };
  const tasks = (function* (): Generator<RunTask> {
    for (const run of runs) yield createRunTask(data, run);
  })();
  const onFinished = ({ from, to }: RunTask): void => {
    data.crcs.set(written.subarray(from, to), from);
    options.onRun?.({ from, to });
  };
  await distributeTasks({ thread: THREAD, workerData, threads, tasks, onFinished }, options);
}

/** Undefined for sources that a thread cannot open, as those on servers: a descriptor has no credentials. */
function descriptorFor(source: Store): StoreDescriptor | undefined {
  const descriptor = source.descriptor?.();
  if (descriptor === undefined || !SHARED_FORMATS.has(descriptor.format)) return undefined;
  return isAddress(descriptor.location) ? undefined : descriptor;
}

/** The formats of `writer-thread.ts`. */
const SHARED_FORMATS: ReadonlySet<string> = new Set(["directory", "zip"]);

function worthwhileThreads({ layout }: EntryData, runs: readonly RunRange[]): number {
  const worth = runs.reduce((sum, { from, to }) => {
    return layout.sizes.subarray(from, to).reduce((all, size) => all + size + ENTRY_WORTH, sum);
  }, 0);
  return Math.min(availableParallelism(), Math.floor(worth / WORTH_A_THREAD));
}

/** What a writing thread is started with. */
export interface WriterData {
  readonly source: StoreDescriptor;
  readonly sink: SharedSink;
  /** The memory of a `Uint32Array` with an element for the CRC of every entry of the layout. */
  readonly crcs: SharedArrayBuffer;
}

/** A run to write, with its entries. */
export interface RunTask extends RunRange {
  /** The part of the layout for the run's entries; the first of them is entry 0. */
  readonly layout: ZipLayout;
  readonly entries: PackedEntries;
}

function createRunTask({ layout, entries }: EntryData, { from, to }: RunRange): RunTask {
  return { from, to, layout: layoutOfRun(layout, from, to), entries: packEntries(entries.slice(from, to)) };
}
