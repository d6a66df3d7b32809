import { Interrupted } from "./exit-codes.js";

/**
 * Runs work with a signal that Ctrl-C and SIGTERM abort, so that it can clean up; a second Ctrl-C ends the
 * process at once.
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const listeners = (["SIGINT", "SIGTERM"] as const).map((name) => {
    const listener = (): void => controller.abort(new Interrupted(name));
    process.once(name, listener);
    return () => process.off(name, listener);
  });
  try {
    return await work(controller.signal);
  } catch (error) {
    // What an abort makes the platform throw is not always the reason itself.
    throw controller.signal.aborted ? controller.signal.reason : error;
  } finally {
    for (const remove of listeners) remove();
  }
}
