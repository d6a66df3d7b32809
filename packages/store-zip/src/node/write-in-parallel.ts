import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { type ByteSink, type Store, type StoreDescriptor, unpackError } from "@ozx/core";
import { isAddress } from "@ozx/core/node";
import { workOf } from "../write/split-runs.js";
import type { EntryData, RunRange } from "../write/write-entries.js";
import { progressCounter, type WriteRunsOptions, writeRuns } from "../write/write-runs.js";
import { orderRun, type WriterData, type WriterReport } from "./messages.js";

/** Work, as `workOf` counts it, below which one more thread costs more than it brings. */
const WORTH_A_THREAD = 128 * 1024 * 1024;
/** Orders that a thread has at a time, so that the next one is there when one is carried out. */
const ORDERS_AHEAD = 2;
/** Built beside this. Where the source itself is run there is none, and the calling thread does it all. */
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
  if (threads < 2 || source === undefined || shared === undefined || !existsSync(THREAD)) {
    return writeRuns(data, runs, sink, options);
  }
  options.signal?.throwIfAborted();
  const crcs = new SharedArrayBuffer(data.crcs.byteLength);
  const workerData: WriterData = { source, sink: shared, crcs };
  // Flags of this process, such as conditions that choose other files, are not for what was built.
  const workers = Array.from({ length: threads }, () => new Worker(THREAD, { workerData, execArgv: [] }));
  try {
    await shareOut(data, runs, new Uint32Array(crcs), workers, options);
  } finally {
    // Whatever has happened, nobody writes any more when this returns.
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
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

function shareOut(
  data: EntryData,
  runs: readonly RunRange[],
  crcs: Uint32Array,
  workers: readonly Worker[],
  options: WriteRunsOptions,
): Promise<void> {
  const { signal, onRun } = options;
  const waiting = runs.values();
  const count = progressCounter(options);
  let unfinished = runs.length;
  return new Promise((resolve, reject) => {
    signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
    for (const worker of workers) {
      const order = (): void => {
        const { value: run } = waiting.next();
        if (run !== undefined) worker.postMessage(orderRun(data, run));
      };
      let progress = count.within();
      const hear = (report: WriterReport): void => {
        if (report.kind === "failed") throw unpackError(report.error);
        progress(report.done);
        if (report.kind === "progress") return;
        const { from, to } = report.run;
        data.crcs.set(crcs.subarray(from, to), from);
        onRun?.(report.run);
        progress = count.within();
        order();
        if (--unfinished === 0) resolve();
      };
      worker.on("message", (report: WriterReport) => {
        try {
          hear(report);
        } catch (error) {
          reject(error);
        }
      });
      worker.on("error", reject);
      worker.on("exit", (code) => reject(new Error(`a writing thread ended early, with exit code ${code}`)));
      for (let ahead = 0; ahead < ORDERS_AHEAD; ahead++) order();
    }
  });
}
