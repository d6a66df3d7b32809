import { constants } from "node:os";
import { isOzxError, type OzxError, type OzxErrorTag } from "@ozx/core";

/** What a script can tell from how a command ends. Listed in the README and in `ozx --help`. */
export const EXIT = {
  ok: 0,
  findings: 1,
  usage: 2,
  unreadable: 3,
  invalid: 4,
  unsupported: 5,
  exists: 6,
  network: 7,
  internal: 70,
  output: 74,
  tryAgain: 75,
} as const;

/** The exit code for an error. Ended by a signal: 128 and the signal's number, as shells have it. */
export function exitCodeFor(error: unknown): number {
  if (error instanceof OutputDiffersError) return EXIT.findings;
  if (error instanceof InterruptedError) return 128 + constants.signals[error.signal];
  return isOzxError(error) ? BY_TAG[error._tag] : EXIT.internal;
}

const BY_TAG: Readonly<Record<OzxErrorTag, number>> = {
  NotFound: EXIT.unreadable,
  Unreadable: EXIT.unreadable,
  Network: EXIT.network,
  UnknownFormat: EXIT.invalid,
  InvalidArchive: EXIT.invalid,
  InvalidMetadata: EXIT.invalid,
  CorruptData: EXIT.invalid,
  UnsafeName: EXIT.invalid,
  Unsupported: EXIT.unsupported,
  DestinationExists: EXIT.exists,
  SourceChanged: EXIT.tryAgain,
  WriteFailed: EXIT.output,
  Usage: EXIT.usage,
};

/** Ctrl-C, what schedulers send, and what a closed terminal or connection does. */
export const ENDING_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
export type EndingSignal = (typeof ENDING_SIGNALS)[number];

/** What `convert --verify` has written is not what it was to be. */
export class OutputDiffersError extends Error {
  override readonly name = "OutputDiffersError";
}

/** A signal asked the command to end. */
export class InterruptedError extends Error {
  override readonly name = "InterruptedError";
  /** What became of what was being written, where anything was. */
  aftermath: string | undefined;

  constructor(readonly signal: EndingSignal) {
    super(`interrupted by ${signal}`);
  }
}

/** What an interruption leaves of an output that is only there when all of it is. */
export const OUTPUT_UNCHANGED = "the output is as it was before";

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
      const interrupted = new InterruptedError(name);
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

/** An error in words, with what an option of ours can do about it, which the library's message cannot know. */
export function formatError(error: OzxError): string {
  return error.message + hintFor(error);
}

function hintFor(error: OzxError): string {
  if (isOzxError(error, "DestinationExists") && error.replaceable) return ": add --force to replace it";
  if (isOzxError(error, "Unsupported")) return HINTS[error.feature] ?? "";
  const isRefused = isOzxError(error, "Unreadable") && (error.status === 401 || error.status === 403);
  return isRefused && /^https?:/i.test(error.location) ? ", as with --header" : "";
}

/** By what is not supported. */
const HINTS: Readonly<Record<string, string>> = {
  "server without ranges": ", as --download does",
  "listing of a server": '; "ozx info -v" shows that',
};
