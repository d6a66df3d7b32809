import { availableParallelism } from "node:os";
import type { ByteSink, RunRange, Store, StoreDescriptor } from "@ozx/core";
import { canStart, isAddress, shareOut } from "@ozx/core/node";
import { workOf } from "../write/split-runs.js";
import type { EntryData } from "../write/write-entries.js";
import { type WriteRunsOptions, writeRuns } from "../write/write-runs.js";
import { orderRun, type RunOrder, type WriterData } from "./messages.js";

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
  const threads = Math.min(options.jobs ?? worthwhileThreads(data), runs.length);
  if (threads < 2 || source === undefined || shared === undefined || !canStart(THREAD)) {
    return writeRuns(data, runs, sink, options);
  }
  const crcs = new SharedArrayBuffer(data.crcs.byteLength);
  const written = new Uint32Array(crcs);
  const workerData: WriterData = { source, sink: shared, crcs };
  const orders = (function* (): Generator<RunOrder> {
    for (const run of runs) yield orderRun(data, run);
  })();
  const onFinished = ({ from, to }: RunOrder): void => {
    data.crcs.set(written.subarray(from, to), from);
    options.onRun?.({ from, to });
  };
  await shareOut({ thread: THREAD, workerData, threads, orders, onFinished }, options);
}

/** Undefined where a thread could not open the same: on a server, whose credentials no descriptor has. */
function descriptorFor(source: Store): StoreDescriptor | undefined {
  const descriptor = source.descriptor?.();
  if (descriptor === undefined || !OPENED.has(descriptor.format)) return undefined;
  return isAddress(descriptor.location) ? undefined : descriptor;
}

/** Formats that the threads know. */
const OPENED: ReadonlySet<string> = new Set(["directory", "zip"]);

function worthwhileThreads({ layout }: EntryData): number {
  return Math.min(availableParallelism(), Math.floor(workOf(layout) / WORTH_A_THREAD));
}
