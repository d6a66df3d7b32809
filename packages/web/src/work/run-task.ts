import type {
  FromWorker,
  SentError,
  TaskKind,
  TaskOf,
  TaskProgress,
  TaskResults,
  ToWorker,
} from "./messages.js";
import { startWorker } from "./start-worker.js";

export interface TaskOptions {
  readonly signal: AbortSignal;
  readonly onProgress?: ((progress: TaskProgress) => void) | undefined;
}

/**
 * Runs a task in a worker of its own. Once the signal is aborted the worker cleans up, and the task rejects with
 * the signal's reason when it has.
 */
export function runTask<Kind extends TaskKind>(
  task: TaskOf<Kind>,
  { signal, onProgress }: TaskOptions,
): Promise<TaskResults[Kind]> {
  signal.throwIfAborted();
  const worker = startWorker(task.kind);
  const send = (message: ToWorker): void => worker.postMessage(message);
  const cancel = (): void => send({ type: "cancel" });
  signal.addEventListener("abort", cancel);
  const ended = new Promise<TaskResults[Kind]>((resolve, reject) => {
    worker.addEventListener("message", ({ data }: MessageEvent<FromWorker>) => {
      if (data.type === "progress") onProgress?.(data.progress);
      else if (data.type === "done") resolve(data.result as TaskResults[Kind]);
      else reject(signal.aborted ? signal.reason : received(data.error));
    });
    worker.addEventListener("error", (event) => {
      reject(new Error(event.message || "The page's worker could not be loaded"));
    });
  });
  send({ type: "start", task });
  return ended.finally(() => {
    signal.removeEventListener("abort", cancel);
    worker.terminate();
  });
}

/** An error of the other thread as one of this: `isOzxError` knows it by its tag. */
function received({ message, tag }: SentError): Error {
  return Object.assign(new Error(message), tag === undefined ? {} : { _tag: tag });
}
