/**
 * A thread that writes entries into the files of a folder that other threads fill at the same time.
 *
 * @module
 */
import { workerData } from "node:worker_threads";
import type { StoreDescriptor, StoreFormat } from "@ozx/core";
import { type PackedEntries, reopen, runTasks, unpackEntries } from "@ozx/core/node";
import { createFilesIn, writeFiles } from "./folder-writer.js";

/** What such a thread is started with. */
export interface FileThreadData {
  readonly source: StoreDescriptor;
  /** Exports what opens the source; undefined for a folder, which needs no format. */
  readonly format: StoreFormat["module"];
  /** The folder, which is there. */
  readonly folder: string;
  /** Whether files may be there, of an earlier run that was cut short. */
  readonly replace: boolean;
}

const { source, format, folder, replace } = workerData as FileThreadData;
const opening = open();
// Whoever waits for it is told.
opening.catch(() => {});
const files = createFilesIn(folder, replace);

runTasks<PackedEntries>(async (order, onProgress) => {
  await writeFiles({ source: await opening, entries: unpackEntries(order) }, files, { onProgress });
});

async function open() {
  if (format === undefined) return reopen(source, { formats: [] });
  const exported = (await import(format.href)) as Readonly<Record<string, StoreFormat>>;
  const opener = exported[format.name];
  return reopen(source, { formats: opener === undefined ? [] : [opener] });
}
