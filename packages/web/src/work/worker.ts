import { isOzxError } from "@ozx/core";
import { extract } from "./extract.js";
import type { FromWorker, SentError, Task, TaskProgress, TaskResults, ToWorker } from "./messages.js";
import { save } from "./save.js";
import { validate } from "./validate.js";

/** What a task is given to run with. */
export interface TaskContext {
  readonly signal: AbortSignal;
  onProgress(progress: TaskProgress): void;
}

const controller = new AbortController();
const send = (message: FromWorker): void => self.postMessage(message);

self.addEventListener("message", ({ data }: MessageEvent<ToWorker>) => {
  if (data.type === "cancel") controller.abort();
  else void start(data.task);
});

async function start(task: Task): Promise<void> {
  try {
    const result = await run(task, { signal: controller.signal, onProgress: paced() });
    send({ type: "done", result });
  } catch (error) {
    send({ type: "failed", error: sent(error) });
  }
}

function run(task: Task, context: TaskContext): Promise<TaskResults[Task["kind"]]> {
  if (task.kind === "validate") return validate(task, context);
  return task.kind === "save" ? save(task, context) : extract(task, context);
}

/** As often as a person can see: more messages would only keep the page busy. */
function paced(): TaskContext["onProgress"] {
  let last = Number.NEGATIVE_INFINITY;
  return (progress) => {
    const now = performance.now();
    if (now - last < 80) return;
    last = now;
    send({ type: "progress", progress });
  };
}

function sent(error: unknown): SentError {
  const message = error instanceof Error ? error.message : String(error);
  return { message, tag: isOzxError(error) ? error._tag : undefined };
}
