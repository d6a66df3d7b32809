import { type PlanOptions, planTransfer, runTransfer, type StoreTarget, type TargetNeeds } from "@ozx/core";
import { storeOf } from "../open/open-source.js";
import type { SourceInput } from "../open/opened-source.js";
import type { TransferSummary } from "./messages.js";
import type { TaskContext } from "./worker.js";

/** Plans a transfer, then runs it: into a target that is not touched before the plan stands. */
export async function transfer(
  source: SourceInput,
  needs: TargetNeeds,
  openTarget: () => Promise<StoreTarget>,
  { signal, onProgress, ...options }: TaskContext & PlanOptions,
): Promise<Omit<TransferSummary, "name">> {
  const store = await storeOf(source, { signal, wholeIndex: true });
  try {
    const plan = await planTransfer(store, needs, { ...options, signal });
    await runTransfer(plan, await openTarget(), {
      signal,
      onProgress: ({ bytes }) => onProgress({ done: bytes, all: plan.bytes }),
    });
    const { entries, bytes, from, to, findings } = plan;
    return { entries: entries.length, bytes, from, to, findings };
  } finally {
    await store.close();
  }
}
