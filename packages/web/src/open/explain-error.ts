import { isOzxError, type OzxErrorTag } from "@ozx/core";

export interface Explanation {
  readonly title: string;
  /** Sentences for the person at the screen, with the way out. */
  readonly message: string;
}

/** An error in words: ours say themselves what to do, all others are faults of the page. */
export function explainError(error: unknown): Explanation {
  if (isOzxError(error)) return { title: TITLES[error._tag], message: sentence(error.message) };
  const reason = error instanceof Error ? error.message : String(error);
  return { title: "Something went wrong in the page", message: `${sentence(reason)} Load the page again.` };
}

const TITLES: Record<OzxErrorTag, string> = {
  NotFound: "There is nothing there",
  Unreadable: "It cannot be read",
  Network: "The server cannot be reached",
  UnknownFormat: "This is no OME-Zarr",
  InvalidArchive: "The archive is damaged",
  InvalidMetadata: "The metadata cannot be understood",
  CorruptData: "The data is damaged",
  Unsupported: "This is not supported",
  UnsafeName: "The archive is not to be trusted",
  SourceChanged: "The file has changed",
  DestinationExists: "It exists already",
  WriteFailed: "It could not be written",
  Usage: "This does not work",
};

/** Messages are parts of a line in the terminal; here they stand alone. */
function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
