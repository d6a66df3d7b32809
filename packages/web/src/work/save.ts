import { blobSink, fileHandleSink } from "@ozx/core";
import { ozxFormat } from "@ozx/store-zip";
import type { TaskOf, TaskResults } from "./messages.js";
import { scratchFile } from "./scratch-file.js";
import { transfer } from "./transfer.js";
import type { TaskContext } from "./worker.js";

/** Writes an `.ozx`: into the file that was chosen, or to be downloaded. */
export async function save(
  { source, options, to, name }: TaskOf<"save">,
  context: TaskContext,
): Promise<TaskResults["save"]> {
  const file = to ?? (await scratchFile());
  const memory = blobSink(name, "application/zip");
  const openTarget = async () => ozxFormat.target(file === undefined ? memory : await fileHandleSink(file));
  const summary = await transfer(source, ozxFormat, openTarget, { ...context, ...options });
  if (to !== undefined) return { ...summary, name: to.name, blob: undefined };
  return { ...summary, name, blob: (await file?.getFile()) ?? memory.blob() };
}
