/**
 * A thread that writes entries into files of a folder, while other threads write others.
 *
 * @module
 */
import { workerData } from "node:worker_threads";
import type { StoreDescriptor, StoreFormat } from "@ozx/core";
import { type PackedEntries, reopen, runTasks, unpackEntries } from "@ozx/core/node";
import { createFilesIn, writeFiles } from "./folder-writer.js";

/** The thread's `workerData`. */
export interface FileThreadData {
  readonly source: StoreDescriptor;
  /** The export that opens the source; undefined for a folder, which needs no format. */
  readonly format: StoreFormat["module"];
  /** The folder, which exists. */
  readonly folder: string;
  /** Whether files may exist already, left by an interrupted run. */
  readonly replace: boolean;
}

const { source, format, folder, replace } = workerData as FileThreadData;
const opening = open();
// A failure is reported by the first task, which awaits it.
opening.catch(() => {});
const files = createFilesIn(folder, replace);

runTasks<PackedEntries>(async (task, onProgress) => {
  await writeFiles({ source: await opening, entries: unpackEntries(task) }, files, { onProgress });
});

async function open() {
  if (format === undefined) return reopen(source, { formats: [] });
  const exported = (await import(format.href)) as Readonly<Record<string, StoreFormat>>;
  const opener = exported[format.name];
  return reopen(source, { formats: opener === undefined ? [] : [opener] });
}
