import {
  checkOutput,
  type PlanOptions,
  planTransfer,
  runTransfer,
  selectView,
  type TargetNeeds,
  type TransferSelection,
} from "@ozx/convert";
import { folderTarget, type StoreTarget } from "@ozx/core/container";
import { ozxFormat } from "@ozx/store-zip";
import { storeOf } from "../open/open-input.js";
import type { SourceInput } from "../open/source-input.js";
import type { TaskContext, TaskOf, TaskResults, TransferSummary } from "./messages.js";
import { outputFor } from "./output-file.js";

/** Writes an `.ozx`, to the chosen file or as a Blob to download. */
export async function save(
  { source, options, selection, to, name }: TaskOf<"save">,
  context: TaskContext,
): Promise<TaskResults["save"]> {
  const output = await outputFor(name, to, "application/zip");
  const openTarget = async () => ozxFormat.target(await output.open());
  const summary = await transfer(source, ozxFormat, openTarget, {
    ...context,
    ...options,
    selection,
  });
  return { ...summary, ...(await output.result()) };
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
