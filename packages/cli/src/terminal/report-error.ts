import { closeSync, existsSync, openSync, readSync } from "node:fs";
import { constants } from "node:os";
import { isOzxError, type OzxError, type OzxErrorTag } from "@ozx/core";
import { EXIT } from "./exit-codes.js";
import { interruptedGrowth } from "./interrupted-growth.js";
import { InterruptedError } from "./interruption.js";
import { createOutput } from "./output.js";

/** The output of `convert --verify` differs from its input. */
export class OutputDiffersError extends Error {
  override readonly name = "OutputDiffersError";
}

/** Prints an error, and returns the exit code for it. */
export function reportError(error: unknown): number {
  const out = createOutput();
  if (error instanceof InterruptedError) {
    out.error(error.aftermath === undefined ? "interrupted" : `interrupted. ${error.aftermath}`);
  } else if (error instanceof OutputDiffersError) out.error(error.message);
  else if (isOzxError(error)) out.error(formatError(error));
  else {
    out.error(`internal error: ${error instanceof Error ? error.message : error}`);
    if (process.env["OZX_DEBUG"] && error instanceof Error) out.note(`${error.stack}`);
    else out.note("Please report it, with the stack trace that OZX_DEBUG=1 in the environment prints.");
  }
  return exitCodeFor(error);
}

/** The message of any error in a report that goes on: only for ozx's own errors is it written for the person who reads it. */
export function messageOf(error: unknown): string {
  if (isOzxError(error)) return formatError(error);
  if (error instanceof InterruptedError) return error.message;
  const text = error instanceof Error ? error.message : String(error);
  return error instanceof OutputDiffersError ? text : `internal error: ${text}`;
}

/** The exit code for an error. After a signal: 128 plus the number of the signal, as shells do. */
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

/** The message of an error, with the option of the command that helps, which the library does not know. */
export function formatError(error: OzxError): string {
  const hint = hintFor(error);
  return hint === undefined ? error.message : `${error.message} (${hint})`;
}

function hintFor(error: OzxError): string | undefined {
  if (isOzxError(error, "DestinationExists")) return error.replaceable ? "--force replaces it" : undefined;
  if (isOzxError(error, "InvalidMetadata") && error.cause instanceof SyntaxError) {
    return "correct it, or copy it from the original data again";
  }
  if (isOzxError(error, "InvalidArchive") || isOzxError(error, "UnknownFormat")) {
    return interruptedGrowth(error.location) ?? salvageHint(error);
  }
  if (isOzxError(error, "CorruptData")) {
    return isMicroscopeFile(error.location)
      ? "ozx convert --allow-missing reads the rest, and fills in 0"
      : undefined;
  }
  if (isOzxError(error, "NotFound")) return hintInside(error.location);
  if (isOzxError(error, "Unsupported")) return UNSUPPORTED_HINTS[error.feature];
  const isRefused = isOzxError(error, "Unreadable") && (error.status === 401 || error.status === 403);
  return isRefused && /^https?:/i.test(error.location) ? "--header sends credentials" : undefined;
}

/** For an archive on this computer, of which entries may be left; only archives can be salvaged. */
function salvageHint(error: OzxError & { readonly location: string }): string | undefined {
  if (!isOzxError(error, "InvalidArchive") || !existsSync(error.location)) return undefined;
  if (isMicroscopeFile(error.location)) return undefined;
  return `ozx salvage ${error.location} saved.ozx saves what can be read`;
}

/** The first bytes of CZI, ND2 in both of its kinds, LIF or LOF, and TIFF and BigTIFF in both byte orders. */
const MICROSCOPES = [
  "ZISR",
  "\u00da\u00ce\u00be\n",
  "\0\0\0\f",
  "p\0\0\0",
  "II*\0",
  "II+\0",
  "MM\0*",
  "MM\0+",
];

/** Whether a path is that of a microscope's file, of which convert can fill in what is missing. */
function isMicroscopeFile(path: string): boolean {
  try {
    const file = openSync(path, "r");
    try {
      const start = Buffer.alloc(4);
      readSync(file, start, 0, 4, 0);
      return MICROSCOPES.includes(start.toString("latin1"));
    } finally {
      closeSync(file);
    }
  } catch {
    // A folder, or a file that cannot be read: another error says so.
    return false;
  }
}

/** For a path that goes on into an archive. */
function hintInside(location: string): string | undefined {
  const [, archive = "", node = ""] = /^(.*?\.(?:ozx|zip))\/(.+)$/i.exec(location) ?? [];
  return node !== "" && existsSync(archive)
    ? `${archive} is a file: --path ${node} takes a node in it`
    : undefined;
}

/** By the feature that is not supported. */
const UNSUPPORTED_HINTS: Readonly<Record<string, string>> = {
  "server without ranges": "--download does that",
  "listing of a server": '"ozx info -v" shows that',
};
