import { folderTarget } from "@ozx/core";
import type { Task, TransferSummary } from "./messages.js";
import { transfer } from "./transfer.js";
import type { TaskContext } from "./worker.js";

/** Writes a new folder, a file for each entry. */
export function extract(
  { source, into, name }: Extract<Task, { kind: "extract" }>,
  context: TaskContext,
): Promise<TransferSummary> {
  return transfer(source, {}, async () => folderTarget(into, name), context);
}
