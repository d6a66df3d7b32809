import type { ReadOptions } from "@ozx/core";

/**
 * Work whose result is one for all who ask: it is done once, however many wait for it, and its result is kept.
 * Whoever aborts stops waiting; when nobody waits any more the work itself is aborted. After a failure the next who
 * asks has it done again.
 */
export function shareWork<T>(
  work: (options: { readonly signal: AbortSignal }) => Promise<T>,
): (options?: ReadOptions) => Promise<T> {
  let current: Shared<T> | undefined;

  const start = (): Shared<T> => {
    const controller = new AbortController();
    const shared = { controller, waiting: 0, settled: false, result: work({ signal: controller.signal }) };
    shared.result.then(
      () => {
        shared.settled = true;
      },
      () => forget(shared),
    );
    return shared;
  };
  const forget = (shared: Shared<T>): void => {
    if (current === shared) current = undefined;
  };

  return async (options) => {
    options?.signal?.throwIfAborted();
    current ??= start();
    const shared = current;
    shared.waiting++;
    try {
      return await untilAborted(shared.result, options?.signal);
    } finally {
      shared.waiting--;
      if (shared.waiting === 0 && !shared.settled) {
        forget(shared);
        shared.controller.abort();
      }
    }
  };
}

interface Shared<T> {
  readonly controller: AbortController;
  readonly result: Promise<T>;
  /** How many wait for the result. */
  waiting: number;
  settled: boolean;
}

function untilAborted<T>(result: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return result;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    result.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
