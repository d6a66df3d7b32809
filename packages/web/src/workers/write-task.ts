import {
  checkOutput,
  type PlanOptions,
  planTransfer,
  runTransfer,
  selectView,
  type TargetNeeds,
  type TransferSelection,
} from "@ozx/convert";
import { blobSink, fileHandleSink, folderTarget, type StoreTarget } from "@ozx/core/container";
import { ozxFormat } from "@ozx/store-zip";
import { storeOf } from "../open/open-input.js";
import type { SourceInput } from "../open/source-input.js";
import type { TaskContext, TaskOf, TaskResults, TransferSummary } from "./messages.js";

/** Writes an `.ozx`, to the chosen file or as a Blob to download. */
export async function save(
  { source, options, selection, to, name }: TaskOf<"save">,
  context: TaskContext,
): Promise<TaskResults["save"]> {
  const file = to ?? (await scratchFile());
  const memory = blobSink(name, "application/zip");
  const openTarget = async () => ozxFormat.target(file === undefined ? memory : await fileHandleSink(file));
  const summary = await transfer(source, ozxFormat, openTarget, {
    ...context,
    ...options,
    selection,
  });
  if (to !== undefined) return { ...summary, name: to.name, blob: undefined };
  return { ...summary, name, blob: (await file?.getFile()) ?? memory.blob() };
}

/** Writes a new folder with one file per entry. */
export async function extract(
  { source, into, name }: TaskOf<"extract">,
  context: TaskContext,
): Promise<TransferSummary> {
  return { name, ...(await transfer(source, {}, async () => folderTarget(into, name), context)) };
}

interface WithSelection {
  readonly selection?: TransferSelection | undefined;
}

/** Plans a transfer and runs it. The target is opened only after the plan has succeeded. */
async function transfer(
  source: SourceInput,
  needs: TargetNeeds,
  openTarget: () => Promise<StoreTarget>,
  { signal, onProgress, selection, ...options }: TaskContext & PlanOptions & WithSelection,
): Promise<Omit<TransferSummary, "name">> {
  const store = await storeOf(source, { signal, wholeIndex: true });
  try {
    const part = selection === undefined ? store : await selectView(store, selection, { signal });
    const plan = await planTransfer(part, needs, { ...options, signal });
    const invalid = await checkOutput(plan, { signal });
    await runTransfer(plan, await openTarget(), {
      signal,
      onProgress: ({ bytes }) => onProgress({ done: bytes, all: plan.bytes }),
    });
    const { entries, bytes, from, to, findings } = plan;
    return {
      entries: entries.length,
      bytes,
      from,
      to,
      findings: invalid ? [...findings, invalid] : findings,
    };
  } finally {
    await store.close();
  }
}

/**
 * A file on disk, in the page's private storage, for a download: a large Blob would fill the browser's memory.
 * Undefined where the browser does not let pages write there.
 */
async function scratchFile(): Promise<FileSystemFileHandle | undefined> {
  try {
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle(FOLDER, { create: true });
    await removeOld(folder);
    const file = await folder.getFileHandle(`${crypto.randomUUID()}.ozx`, { create: true });
    return "createWritable" in file ? file : undefined;
  } catch {
    return undefined;
  }
}

const FOLDER = "downloads";
/** Milliseconds. The browser does not report the end of a download; after six hours it is taken as finished. */
const MAX_AGE = 6 * 60 * 60 * 1000;

async function removeOld(folder: FileSystemDirectoryHandle): Promise<void> {
  for await (const [name, handle] of folder.entries()) {
    if (handle.kind !== "file") continue;
    const { lastModified } = await (handle as FileSystemFileHandle).getFile();
    if (Date.now() - lastModified > MAX_AGE) await folder.removeEntry(name).catch(() => {});
  }
}
