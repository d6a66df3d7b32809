import { folderTarget } from "@ozx/core";
import type { TaskOf, TransferSummary } from "./messages.js";
import { transfer } from "./transfer.js";
import type { TaskContext } from "./worker.js";

/** Writes a new folder, a file for each entry. */
export async function extract(
  { source, into, name }: TaskOf<"extract">,
  context: TaskContext,
): Promise<TransferSummary> {
  return { name, ...(await transfer(source, {}, async () => folderTarget(into, name), context)) };
}
