/** Ctrl-C, what schedulers send, and what a closed terminal or connection sends. */
const ENDING_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
export type EndingSignal = (typeof ENDING_SIGNALS)[number];

/** A signal asked the command to end. */
export class InterruptedError extends Error {
  override readonly name = "InterruptedError";
  /** What happened to the output, as a sentence; undefined for a command that writes none. */
  aftermath: string | undefined;

  constructor(readonly signal: EndingSignal) {
    super(`interrupted by ${signal}`);
  }
}

/** What an interruption leaves of an output that is written atomically. */
export const OUTPUT_UNCHANGED = "The output is unchanged.";

/** The work in progress: usually one piece at a time. */
const running = new Set<AbortController>();

/**
 * Aborts all work in progress, so that it cleans up and fails with this error.
 *
 * @returns false where nothing is in progress, or all of it is being aborted already
 */
export function abortRunning(error: unknown): boolean {
  const pending = [...running].filter(({ signal }) => !signal.aborted);
  for (const controller of pending) controller.abort(error);
  return pending.length > 0;
}

/**
 * Runs work with a signal that Ctrl-C, SIGTERM and SIGHUP abort, so that it can clean up; a second Ctrl-C ends the
 * process at once.
 *
 * @param options.aftermath what an interruption does to the output, as a sentence, for a command that writes one
 * @throws InterruptedError when a signal arrived, and what the work throws
 */
export async function interruptible<T>(
  work: (signal: AbortSignal) => Promise<T>,
  { aftermath }: { readonly aftermath?: string | undefined } = {},
): Promise<T> {
  const controller = new AbortController();
  running.add(controller);
  const listeners = ENDING_SIGNALS.map((name) => {
    const listener = (): void => {
      const interrupted = new InterruptedError(name);
      interrupted.aftermath = aftermath;
      controller.abort(interrupted);
    };
    // A closed terminal is reported twice, by the shell and by the system: the second one is no second request.
    if (name === "SIGHUP") process.on(name, listener);
    else process.once(name, listener);
    return () => process.off(name, listener);
  });
  try {
    return await work(controller.signal);
  } catch (error) {
    // The platform does not always throw the reason of an abort itself.
    throw controller.signal.aborted ? controller.signal.reason : error;
  } finally {
    running.delete(controller);
    for (const remove of listeners) remove();
  }
}
