import { NetworkError, NotFoundError, UnreadableError } from "../../errors.js";
import type { Fetch, HttpHeaders } from "./http-options.js";
import { fetchWithHeaders } from "./redirects.js";

export interface RequestOptions {
  /** What to call the file in messages. */
  readonly name: string;
  readonly fetch: Fetch;
  readonly headers: HttpHeaders;
  readonly signal: AbortSignal | undefined;
}

/** What is asked for. */
export interface RequestKind {
  readonly method?: "GET" | "HEAD";
  readonly range?: string;
  /** Statuses of 400 and above that are an answer and no failure. */
  readonly passes?: readonly number[];
  /** Not to be tried again, where there is another way to ask. */
  readonly once?: boolean;
}

/** How often a request is sent before it counts as failed. */
const TRIES = 4;
/** Milliseconds before the second try; each further one waits twice as long. */
const FIRST_WAIT = 250;
/** No server makes us wait longer than this. */
const LONGEST_WAIT = 10_000;

/**
 * Sends a request and hands its response to `read`, which must take the body. What may pass (no connection, 429,
 * 5xx, a body that breaks off) is tried again, each time after a longer wait.
 *
 * @throws NotFoundError, UnreadableError for what will not pass; NetworkError when all tries failed
 */
export async function request<T>(
  url: string,
  init: RequestKind,
  options: RequestOptions,
  read: (response: Response) => Promise<T>,
): Promise<T> {
  const { name } = options;
  const tries = init.once ? 1 : TRIES;
  for (let attempt = 1; ; attempt++) {
    options.signal?.throwIfAborted();
    let wait = FIRST_WAIT * 2 ** (attempt - 1);
    try {
      const response = await fetchWithHeaders(url, requestInit(init, options), options);
      if (response.status !== 429 && response.status < 500) {
        // Servers that know no HEAD refuse it in many ways; those who ask by HEAD have another way to ask.
        if (init.method !== "HEAD" && !init.passes?.includes(response.status))
          await refuseFailure(response, name);
        return await read(response);
      }
      await response.body?.cancel();
      wait = retryAfter(response) ?? wait;
      if (attempt === tries) throw failed(name, `the server answers ${response.status}`);
    } catch (error) {
      options.signal?.throwIfAborted();
      if (!isPassing(error)) throw error;
      if (attempt === tries) throw failed(name, reasonOf(error), error);
    }
    await pause(Math.min(wait, LONGEST_WAIT), options.signal);
  }
}

/** A response's body was not what its headers promise: worth another try. */
export class BrokenBody extends Error {
  override readonly name = "BrokenBody";
}

function requestInit({ method = "GET", range }: RequestKind, { signal }: RequestOptions): RequestInit {
  return {
    method,
    ...(range !== undefined && { headers: { Range: range } }),
    // Chromium lets requests for ranges of one URL wait for each other in its cache, so that only one is in flight.
    ...(range !== undefined && { cache: "no-store" as const }),
    ...(signal && { signal }),
  };
}

async function refuseFailure(response: Response, name: string): Promise<void> {
  const { status } = response;
  if (status < 400 || status === 416) return;
  await response.body?.cancel();
  const place = { location: name };
  if (status === 404 || status === 410) {
    throw new NotFoundError(
      `${name} does not exist (the server answers ${status}): check the address`,
      place,
    );
  }
  if (status === 401 || status === 403) {
    throw new UnreadableError(
      `${name} may not be read (the server answers ${status}): ${credentialsWanted(name)}`,
      place,
    );
  }
  throw new UnreadableError(`${name} cannot be read: the server answers ${status}`, place);
}

/** What to do where a server refuses. */
export function credentialsWanted(name: string): string {
  return name.startsWith("s3:")
    ? "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, to what has access; AWS_NO_SIGN_REQUEST=yes asks as anybody"
    : "give the credentials it wants, as with --header";
}

/** `fetch` throws TypeError for all that goes wrong below HTTP. */
function isPassing(error: unknown): boolean {
  return error instanceof TypeError || error instanceof BrokenBody;
}

function retryAfter(response: Response): number | undefined {
  const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
}

function failed(name: string, reason: string, cause?: unknown): NetworkError {
  return new NetworkError(
    `${name} cannot be reached: ${reason}; check the address and the connection, and try again`,
    { location: name },
    { cause },
  );
}

/** In Node the reason that a person can use is in the cause. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}

function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, milliseconds);
    const abort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", abort, { once: true });
  });
}
