import { blobSink, fileHandleSink } from "@ozx/core";
import { ozxFormat } from "@ozx/store-zip";
import type { Task, TaskResults } from "./messages.js";
import { scratchFile } from "./scratch-file.js";
import { transfer } from "./transfer.js";
import type { TaskContext } from "./worker.js";

/** Writes an `.ozx`: into the file that was chosen, or to be downloaded. */
export async function save(
  { source, shard, to }: Extract<Task, { kind: "save" }>,
  context: TaskContext,
): Promise<TaskResults["save"]> {
  const file = to ?? (await scratchFile());
  const memory = blobSink(source.name, "application/zip");
  const openTarget = async () => ozxFormat.target(file === undefined ? memory : await fileHandleSink(file));
  const summary = await transfer(source, ozxFormat, openTarget, { ...context, shard });
  if (to !== undefined) return { ...summary, blob: undefined };
  return { ...summary, blob: (await file?.getFile()) ?? memory.blob() };
}
