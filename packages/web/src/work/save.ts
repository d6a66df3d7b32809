import { blobSink, fileHandleSink } from "@ozx/core";
import { ozxFormat } from "@ozx/store-zip";
import type { Task, TaskResults } from "./messages.js";
import { transfer } from "./transfer.js";
import type { TaskContext } from "./worker.js";

/** Writes an `.ozx`: into a file, or as a Blob to be downloaded. */
export async function save(
  { source, shard, to }: Extract<Task, { kind: "save" }>,
  context: TaskContext,
): Promise<TaskResults["save"]> {
  const download = to === undefined ? blobSink(source.name, "application/zip") : undefined;
  const openTarget = async () =>
    ozxFormat.target(to === undefined ? (download ?? blobSink("")) : await fileHandleSink(to));
  const summary = await transfer(source, ozxFormat, openTarget, { ...context, shard });
  return { ...summary, blob: download?.blob() };
}
