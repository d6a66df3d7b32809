import { onAbort } from "./on-abort.js";

/** Waits for work that others wait for too: it goes on when this one's signal aborts, and only the waiting ends. */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const end = onAbort(signal, () => reject(signal.reason));
    work.then(resolve, reject).finally(end);
  });
}
