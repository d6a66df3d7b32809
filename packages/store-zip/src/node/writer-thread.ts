/**
 * A thread that writes runs of entries into an archive that other threads write at the same time. It is told to
 * by messages, one run each, and ends by being terminated.
 *
 * @module
 */
import { parentPort, workerData } from "node:worker_threads";
import { type Progress, packError } from "@ozx/core";
import { openSharedSink, reopenStore } from "@ozx/core/node";
import { ozxFormat } from "../rfc9/ozx-format.js";
import { writeEntries } from "../write/write-entries.js";
import { orderedEntries, type RunOrder, type WriterData, type WriterReport } from "./messages.js";

/** Milliseconds between two reports of progress. */
const REPORT = 50;

let finished = Promise.resolve();
let reported = performance.now();

parentPort?.on("message", (order: RunOrder) => {
  finished = finished
    .then(() => carryOut(order))
    .catch((error: unknown) => report({ kind: "failed", error: packError(error) }));
});

const data = workerData as WriterData;
const opening = reopenStore(data.source, { formats: [ozxFormat] });
// Whoever waits for it is told.
opening.catch(() => {});
const sink = openSharedSink(data.sink);
const crcs = new Uint32Array(data.crcs);

async function carryOut(order: RunOrder): Promise<void> {
  const { from, to, layout } = order;
  const source = await opening;
  let done: Progress = { entries: 0, bytes: 0 };
  const onProgress = (now: Progress): void => {
    done = now;
    if (performance.now() - reported < REPORT) return;
    reported = performance.now();
    report({ kind: "progress", done });
  };
  const entries = orderedEntries(order);
  const run = { layout, source, entries, from: 0, to: layout.count, crcs: crcs.subarray(from, to) };
  await writeEntries(run, sink, { onProgress });
  report({ kind: "finished", run: { from, to }, done });
}

function report(message: WriterReport): void {
  parentPort?.postMessage(message);
}
