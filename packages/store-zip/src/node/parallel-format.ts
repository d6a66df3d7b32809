import { availableParallelism } from "node:os";
import type { Store, StoreDescriptor, StoreFormat } from "@ozx/core";
import type { ByteSink, RunRange, SharedSink, StoreTarget } from "@ozx/core/container";
import { isAddress } from "@ozx/core/internal/node";
import { canStart, distributeTasks, type PackedEntries, packEntries } from "@ozx/core/node";
import { ozxFormat as anywhere } from "../format/ozx-format.js";
import { ozxTarget } from "../format/ozx-target.js";
import { layoutOfRun, type ZipLayout } from "../write/layout.js";
import { costOf, type EntryData, type WriteRunsOptions, writeRuns } from "../write/write-entries.js";

/** `ozxFormat` as `@ozx/store-zip` has it, but that its archives are written by several threads. */
export const ozxFormat: StoreFormat & { target(sink: ByteSink): StoreTarget } = {
  ...anywhere,
  // The name by which what is built exports this.
  module: { href: new URL("./index.js", import.meta.url).href, name: "ozxFormat" },
  target: (sink) => ozxTarget(sink, writeInParallel),
};

/** Work, as `workOf` counts it, below which one more thread costs more than it brings. */
const WORTH_A_THREAD = 128 * 1024 * 1024;
/** Built beside this. */
const THREAD = new URL("./writer-thread.js", import.meta.url);

/**
 * Writes runs as `writeRuns` does, shared out among threads: each has handles of its own on the source and on
 * the sink, and all write at the same time. The calling thread does it alone where source or sink cannot be
 * opened elsewhere, and, unless `jobs` says how many threads, where there is too little to do.
 */
export async function writeInParallel(
  data: EntryData,
  runs: readonly RunRange[],
  sink: ByteSink,
  options: WriteRunsOptions = {},
): Promise<void> {
  const source = descriptorFor(data.source);
  const shared = sink.share?.();
  const threads = Math.min(options.workers ?? worthwhileThreads(data), runs.length);
  if (threads < 2 || source === undefined || shared === undefined || !canStart(THREAD)) {
    return writeRuns(data, runs, sink, options);
  }
  const crcs = new SharedArrayBuffer(data.crcs.byteLength);
  const written = new Uint32Array(crcs);
  const workerData: WriterData = { source, sink: shared, crcs };
  const orders = (function* (): Generator<RunTask> {
    for (const run of runs) yield createRunTask(data, run);
  })();
  const onFinished = ({ from, to }: RunTask): void => {
    data.crcs.set(written.subarray(from, to), from);
    options.onRun?.({ from, to });
  };
  await distributeTasks({ thread: THREAD, workerData, threads, tasks: orders, onFinished }, options);
}

/** Undefined where a thread could not open the same: on a server, whose credentials no descriptor has. */
function descriptorFor(source: Store): StoreDescriptor | undefined {
  const descriptor = source.descriptor?.();
  if (descriptor === undefined || !SHARED_FORMATS.has(descriptor.format)) return undefined;
  return isAddress(descriptor.location) ? undefined : descriptor;
}

/** Formats that the threads know. */
const SHARED_FORMATS: ReadonlySet<string> = new Set(["directory", "zip"]);

function worthwhileThreads({ layout }: EntryData): number {
  return Math.min(availableParallelism(), Math.floor(costOf(layout) / WORTH_A_THREAD));
}

/** What a writing thread is started with. */
export interface WriterData {
  readonly source: StoreDescriptor;
  readonly sink: SharedSink;
  /** Of a `Uint32Array` with a place for the CRC of every entry of the layout. */
  readonly crcs: SharedArrayBuffer;
}

/** A run to be written, and all that is known of its entries. */
export interface RunTask extends RunRange {
  /** Of the run's entries only; the first of them is entry 0. */
  readonly layout: ZipLayout;
  readonly entries: PackedEntries;
}

export function createRunTask({ layout, entries }: EntryData, { from, to }: RunRange): RunTask {
  return { from, to, layout: layoutOfRun(layout, from, to), entries: packEntries(entries.slice(from, to)) };
}
