import { isOzxError, type OzxError } from "@ozx/core";

/** An error in words, with what an option of ours can do about it, which the library's message cannot know. */
export function wordsFor(error: OzxError): string {
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
