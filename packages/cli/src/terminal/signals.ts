import { ENDING_SIGNALS, Interrupted } from "./exit-codes.js";

/** What an interruption leaves of an output that is only there when all of it is. */
export const AS_BEFORE = "the output is as it was before";

/** What is under way, one at a time as a rule. */
const running = new Set<AbortController>();

/** Aborts what is under way, so that it cleans up and fails with this error. False where nothing is, or is still. */
export function endRunning(error: unknown): boolean {
  const pending = [...running].filter(({ signal }) => !signal.aborted);
  for (const controller of pending) controller.abort(error);
  return pending.length > 0;
}

/**
 * Runs work with a signal that Ctrl-C, SIGTERM and SIGHUP abort, so that it can clean up; a second Ctrl-C ends the
 * process at once.
 *
 * @param options.aftermath what is so after an interruption, of a command that writes
 */
export async function interruptible<T>(
  work: (signal: AbortSignal) => Promise<T>,
  { aftermath }: { readonly aftermath?: string | undefined } = {},
): Promise<T> {
  const controller = new AbortController();
  running.add(controller);
  const listeners = ENDING_SIGNALS.map((name) => {
    const listener = (): void => {
      const interrupted = new Interrupted(name);
      interrupted.aftermath = aftermath;
      controller.abort(interrupted);
    };
    // A closed terminal is told of twice, by the shell and by the system, and that is no second wish.
    if (name === "SIGHUP") process.on(name, listener);
    else process.once(name, listener);
    return () => process.off(name, listener);
  });
  try {
    return await work(controller.signal);
  } catch (error) {
    // What an abort makes the platform throw is not always the reason itself.
    throw controller.signal.aborted ? controller.signal.reason : error;
  } finally {
    running.delete(controller);
    for (const remove of listeners) remove();
  }
}
