/**
 * A thread that writes runs of entries into an archive, together with other threads.
 *
 * @module
 */
import { workerData } from "node:worker_threads";
import { openSharedSink, reopen, runTasks, unpackEntries } from "@ozx/core/node";
import { ozxFormat } from "../format/ozx-format.js";
import { writeEntries } from "../write/write-entries.js";
import type { RunTask, WriterData } from "./parallel-format.js";

const data = workerData as WriterData;
const opening = reopen(data.source, { formats: [ozxFormat] });
// The tasks that await it report the error.
opening.catch(() => {});
const sink = openSharedSink(data.sink);
const crcs = new Uint32Array(data.crcs);

runTasks<RunTask>(async ({ from, to, layout, entries }, onProgress) => {
  const run = { layout, entries: unpackEntries(entries), from: 0, to: layout.count };
  await writeEntries({ ...run, source: await opening, crcs: crcs.subarray(from, to) }, sink, { onProgress });
});
