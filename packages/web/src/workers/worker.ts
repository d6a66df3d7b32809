/**
 * The script of the page's workers. Each one runs a single task, or decodes chunks. The code of a task is loaded when the
 * task starts, so that workers which decode start quickly.
 *
 * @module
 */
import { isOzxError } from "@ozx/core";
import { serveChunks } from "@ozx/core/internal";
import type { FromWorker, SentError, Task, TaskContext, TaskResults, ToWorker } from "./messages.js";
import { taskModules } from "./task-modules.js";

const controller = new AbortController();
const send = (message: FromWorker): void => self.postMessage(message);
const decode = serveChunks((result, transfer) => self.postMessage(result, { transfer }), {
  modules: taskModules,
});

self.addEventListener("message", ({ data }: MessageEvent<ToWorker>) => {
  if (data.type === "decode") void decode(data.request);
  else if (data.type === "cancel") controller.abort();
  else void start(data.task);
});

async function start(task: Task): Promise<void> {
  try {
    const result = await run(task, { signal: controller.signal, onProgress: throttledProgress() });
    send({ type: "done", result });
  } catch (error) {
    send({ type: "failed", error: toSentError(error) });
  }
}

async function run(task: Task, context: TaskContext): Promise<TaskResults[Task["kind"]]> {
  switch (task.kind) {
    case "validate":
      return (await import("./validate-task.js")).validate(task, context);
    case "save":
      return (await import("./write-task.js")).save(task, context);
    case "tiff":
      return (await import("./tiff-task.js")).writeTiff(task, context);
    case "extract":
      return (await import("./write-task.js")).extract(task, context);
  }
}

/** Reports progress every 80 ms at most: more messages would only keep the page busy. */
function throttledProgress(): TaskContext["onProgress"] {
  let last = Number.NEGATIVE_INFINITY;
  return (progress) => {
    const now = performance.now();
    if (now - last < 80) return;
    last = now;
    send({ type: "progress", progress });
  };
}

function toSentError(error: unknown): SentError {
  const message = error instanceof Error ? error.message : String(error);
  return { message, tag: isOzxError(error) ? error._tag : undefined };
}
