import { isOzxError, NotFoundError, type OzxErrorTag, type ReadOptions, UnreadableError } from "@ozx/core";
import { isS3Address } from "@ozx/core/internal";
import { requestedAddress } from "./open-input.js";

interface Explanation {
  readonly title: string;
  /** Whole sentences: what happened and what to do about it. */
  readonly message: string;
}

/** A title and a message for an error. Errors of ozx say what to do; any other one is a bug in the page. */
export function explainError(error: unknown): Explanation {
  if (isOzxError(error)) return { title: TITLES[error._tag], message: asSentence(error.message) };
  const reason = error instanceof Error ? error.message : String(error);
  return { title: "Something went wrong in the page", message: `${asSentence(reason)} Reload the page.` };
}

const TITLES: Record<OzxErrorTag, string> = {
  NotFound: "Not found",
  Unreadable: "It cannot be read",
  Network: "The server cannot be reached",
  UnknownFormat: "This is not OME-Zarr",
  InvalidArchive: "The archive is damaged",
  InvalidMetadata: "The metadata is invalid",
  CorruptData: "The data is damaged",
  Unsupported: "This is not supported",
  UnsafeName: "The archive contains unsafe names",
  SourceChanged: "The file has changed",
  DestinationExists: "It already exists",
  WriteFailed: "Writing failed",
  Usage: "This is not possible",
};

/** Messages end without a full stop, as they are part of a line in the terminal; here they stand alone. */
function asSentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/**
 * Finds out why an address could not be read. A browser tells a page only that a request failed. Further requests show
 * whether the server is down, answers with an error, or does not allow other websites to read from it (CORS).
 *
 * @param error of the first attempt; errors other than `Unreadable` and `Network` are returned as they are
 * @returns a more precise error, or `error` where nothing more was found out
 */
export async function whyUnreachable(error: unknown, url: string, options?: ReadOptions): Promise<unknown> {
  const isRefused = isOzxError(error, "Unreadable");
  if (!isRefused && !isOzxError(error, "Network")) return error;
  const signals = [AbortSignal.timeout(SERVER_TIMEOUT), ...(options?.signal ? [options.signal] : [])];
  const ask = (init: RequestInit): Promise<Response | undefined> =>
    fetch(requestedAddress(url), { ...init, cache: "no-store", signal: AbortSignal.any(signals) }).catch(
      () => undefined,
    );
  // Some servers refuse every HEAD request.
  const answer = await ask(isRefused ? { headers: { Range: "bytes=0-0" } } : { method: "HEAD" });
  await answer?.body?.cancel();
  if (answer !== undefined) return refusal(answer.status, url) ?? error;
  return (await ask({ method: "HEAD", mode: "no-cors" })) === undefined ? error : notAllowed(url);
}

/** Milliseconds until a server that does not answer is given up. */
const SERVER_TIMEOUT = 10_000;

function refusal(status: number, url: string): NotFoundError | UnreadableError | undefined {
  const context = { location: url };
  if (status === 404 || status === 410) {
    return new NotFoundError(
      `${url} does not exist: the server answers ${status}; check the address`,
      context,
    );
  }
  if (status === 401 || status === 403) {
    // Buckets that do not allow listing answer 403 for missing objects too.
    const message = isS3Address(url)
      ? `${url} cannot be read: the bucket answers ${status}, so the object is either private or missing; check the address, or open it with "ozx view", which signs requests, or download it and drop it here`
      : `${url} cannot be read: the server answers ${status}; make the file public, or download it and drop it here`;
    return new UnreadableError(message, context);
  }
  return undefined;
}

function notAllowed(url: string): UnreadableError {
  const message = `${url} exists, but its server does not allow other websites to read it (CORS): ask its operator to send "Access-Control-Allow-Origin: *", or download the file and drop it here`;
  return new UnreadableError(message, { location: url });
}
