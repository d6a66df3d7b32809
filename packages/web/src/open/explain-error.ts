import {
  isOzxError,
  isS3Address,
  NotFoundError,
  type OzxErrorTag,
  type ReadOptions,
  UnreadableError,
} from "@ozx/core";
import { requestedAddress } from "./open-input.js";

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

/**
 * Finds out more about an address that could not be read. A browser tells a page that a request failed and not why:
 * it may be the server, which is asked again in ways that tell, or it may not allow other pages to read from it.
 *
 * @returns the error, or one that says what to do in a page
 */
export async function whyUnreachable(error: unknown, url: string, options?: ReadOptions): Promise<unknown> {
  const isRefused = isOzxError(error, "Unreadable");
  if (!isRefused && !isOzxError(error, "Network")) return error;
  const signals = [AbortSignal.timeout(SERVER_TIMEOUT), ...(options?.signal ? [options.signal] : [])];
  const ask = (init: RequestInit): Promise<Response | undefined> =>
    fetch(requestedAddress(url), { ...init, cache: "no-store", signal: AbortSignal.any(signals) }).catch(
      () => undefined,
    );
  // Some servers refuse HEAD whatever it is for.
  const answer = await ask(isRefused ? { headers: { Range: "bytes=0-0" } } : { method: "HEAD" });
  await answer?.body?.cancel();
  if (answer !== undefined) return refusal(answer.status, url) ?? error;
  return (await ask({ method: "HEAD", mode: "no-cors" })) === undefined ? error : notAllowed(url);
}

/** For how many milliseconds a server that may say nothing is asked why. */
const SERVER_TIMEOUT = 10_000;

function refusal(status: number, url: string): NotFoundError | UnreadableError | undefined {
  const place = { location: url };
  if (status === 404 || status === 410) {
    return new NotFoundError(`${url} does not exist: the server answers ${status}; check the address`, place);
  }
  if (status === 401 || status === 403) {
    // Buckets that may not be listed say the same of what is not there.
    const message = isS3Address(url)
      ? `${url} may not be read: the bucket answers ${status}, as it does for what is not public and for what is not there; check the address, or open it with "ozx view", which signs in, or download it and drop it here`
      : `${url} may not be read: the server answers ${status}; make the file public, or download it and drop it here`;
    return new UnreadableError(message, place);
  }
  return undefined;
}

function notAllowed(url: string): UnreadableError {
  const message = `${url} is there, but its server does not allow pages of other sites to read it (CORS): whoever runs the server can have it send "Access-Control-Allow-Origin: *"; or download the file and drop it here`;
  return new UnreadableError(message, { location: url });
}
