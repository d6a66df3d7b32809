import { constants } from "node:os";
import { isOzxError, type OzxErrorTag } from "@ozx/core";

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
  if (error instanceof NotTheSame) return EXIT.findings;
  if (error instanceof Interrupted) return 128 + constants.signals[error.signal];
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
export class NotTheSame extends Error {
  override readonly name = "NotTheSame";
}

/** A signal asked the command to end. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
  /** What became of what was being written, where anything was. */
  aftermath: string | undefined;

  constructor(readonly signal: EndingSignal) {
    super(`interrupted by ${signal}`);
  }
}
