import { InvalidArchiveError, NotFoundError, UnreadableError } from "../../errors.js";
import { pause } from "../concurrency.js";
import { type Fetch, type HttpHeaders, parseUrl, type RequestOptions } from "./http-address.js";
import {
  createIdleTimeout,
  type HttpResponse,
  mayBeForbidden,
  networkError,
  speaksNoTls,
  TimeoutError,
  toHttpResponse,
} from "./response.js";

/** What to request. */
export interface RequestKind {
  readonly method?: "GET" | "HEAD";
  /** The `Range` header, as in `bytes=0-99`. */
  readonly range?: string;
  /** Statuses of 400 and above that are passed to `read` instead of being thrown. */
  readonly passes?: readonly number[];
  /** Do not retry, because the caller has another way to get the answer. */
  readonly noRetry?: boolean;
}

/** How often a request is sent before it counts as failed. */
const TRIES = 4;
/** The same after an idle timeout, which takes long each time. */
const TIMEOUT_TRIES = 2;
/** The same where CORS may be the reason, which a browser does not tell. */
const FORBIDDEN_TRIES = 2;
/** Milliseconds before the second try; each further one waits twice as long. */
const FIRST_WAIT = 250;
/** The longest wait, in milliseconds, whatever `Retry-After` says. */
const LONGEST_WAIT = 10_000;

/**
 * Sends a request and passes its response to `read`; the rest of the body is cancelled afterwards. Transient failures
 * (no connection, 429, 5xx, a body that breaks off or stalls) are retried, each time after a longer wait.
 *
 * @throws NotFoundError, UnreadableError for failures that are not transient
 * @throws InvalidArchiveError for a web page
 * @throws NetworkError when all tries failed
 */
export async function request<T>(
  url: string,
  init: RequestKind,
  options: RequestOptions,
  read: (answer: HttpResponse) => Promise<T>,
): Promise<T> {
  const { name } = options;
  for (let attempt = 1; ; attempt++) {
    options.signal?.throwIfAborted();
    let wait = FIRST_WAIT * 2 ** (attempt - 1);
    try {
      return await send(url, init, options, read);
    } catch (error) {
      options.signal?.throwIfAborted();
      const tries = init.noRetry ? 1 : triesFor(error, url, options);
      if (tries === undefined) throw error;
      if (attempt >= tries) throw networkError(name, url, error);
      if (error instanceof BusyServer) wait = error.wait ?? wait;
    }
    await pause(Math.min(wait, LONGEST_WAIT), options.signal);
  }
}

async function send<T>(
  url: string,
  init: RequestKind,
  options: RequestOptions,
  read: (answer: HttpResponse) => Promise<T>,
): Promise<T> {
  const { name, timeout, activity } = options;
  const idleTimeout = createIdleTimeout(options.signal, timeout);
  let answer: HttpResponse | undefined;
  try {
    const sent = fetchWithHeaders(url, requestInit(init, idleTimeout.signal), options);
    answer = toHttpResponse(await idleTimeout.wait(sent, activity), idleTimeout, activity);
    options.answered.any = true;
    const { status } = answer;
    if (status === 429 || status >= 500) throw new BusyServer(answer);
    // Servers without HEAD refuse it in many ways, and callers that use HEAD have another way to get the answer.
    if (init.method !== "HEAD" && !init.passes?.includes(status)) rejectFailure(status, name);
    rejectWebPage(answer, name);
    return await read(answer);
  } catch (error) {
    answer?.cancel();
    throw error;
  } finally {
    if (answer === undefined) idleTimeout.dispose();
    else if (!answer.isKeptOpen) answer.cancel();
  }
}

/** A response's body does not match its headers: worth another try. */
export class BrokenBody extends Error {
  override readonly name = "BrokenBody";
}

/** A server is overloaded (429 or 5xx). */
class BusyServer extends Error {
  override readonly name = "BusyServer";
  /** Its `Retry-After`, in milliseconds. */
  readonly wait: number | undefined;

  constructor(answer: HttpResponse) {
    super(`the server answers ${answer.status}`);
    this.wait = retryAfter(answer);
  }
}

function requestInit({ method = "GET", range }: RequestKind, signal: AbortSignal): RequestInit {
  return {
    method,
    ...(range !== undefined && { headers: { Range: range } }),
    // In its cache, Chromium queues requests for ranges of one URL, so that only one is in flight. Cloudflare's workers
    // refuse requests with the option where they do not know it.
    ...(range !== undefined && "cache" in Request.prototype && { cache: "no-store" as const }),
    signal,
  };
}

function rejectFailure(status: number, name: string): void {
  if (status < 400 || status === 416) return;
  const where = { location: name, status };
  if (status === 404 || status === 410) {
    throw new NotFoundError(
      `${name} does not exist (the server answers ${status}): check the address`,
      where,
    );
  }
  if (status === 401 || status === 403) {
    throw new UnreadableError(
      `${name} may not be read (the server answers ${status}): ${credentialsWanted(name)}`,
      where,
    );
  }
  throw new UnreadableError(`${name} cannot be read: the server answers ${status}`, where);
}

/** What to do where a server denies access, as the end of a message. */
export function credentialsWanted(name: string): string {
  return name.startsWith("s3:")
    ? "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, to credentials that have access; AWS_NO_SIGN_REQUEST=yes reads anonymously"
    : "pass the credentials it requires";
}

/**
 * Nothing that is requested here is a web page: servers send one for a sign-in or in place of a missing file.
 *
 * @throws InvalidArchiveError for a web page
 */
function rejectWebPage({ status, headers }: HttpResponse, name: string): void {
  const isAnswered = status === 200 || status === 206;
  if (!isAnswered || !/^text\/html\b/i.test(headers.get("content-type") ?? "")) return;
  throw new InvalidArchiveError(
    `the server of ${name} answers with a web page, as for a sign-in or a missing file: open the address in a browser`,
    { location: name },
  );
}

/** How often a request that fails in this way is sent; undefined for failures that are not transient. */
function triesFor(error: unknown, url: string, { answered }: RequestOptions): number | undefined {
  if (error instanceof TimeoutError) return TIMEOUT_TRIES;
  if (speaksNoTls(error)) return 1;
  if (!answered.any && mayBeForbidden(error, url)) return FORBIDDEN_TRIES;
  // `fetch` throws TypeError for every failure below HTTP.
  const isTransient =
    error instanceof TypeError || error instanceof BrokenBody || error instanceof BusyServer;
  return isTransient ? TRIES : undefined;
}

function retryAfter({ headers }: HttpResponse): number | undefined {
  const seconds = Number(headers.get("retry-after") ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
}

/** As browsers do. */
const MOST_REDIRECTS = 20;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * Sends a request whose headers are for one server only. On a redirect to another server, `fetch` itself drops only
 * `Authorization`, so redirects are followed here. Browsers hide where a redirect leads, so there it is an error.
 */
async function fetchWithHeaders(
  address: string,
  init: RequestInit,
  { name, fetch, headers }: { readonly name: string; readonly fetch: Fetch; readonly headers: HttpHeaders },
): Promise<Response> {
  if (Object.keys(headers).length === 0) return fetch(address, init);
  const { origin } = new URL(address);
  let target = address;
  let sent = headers;
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
    const response = await fetch(target, {
      ...init,
      headers: { ...sent, ...(init.headers as HttpHeaders | undefined) },
      redirect: "manual",
    });
    if (response.type === "opaqueredirect") {
      throw unreadable(
        name,
        "the server redirects, and a browser would send the headers along: use the address that it redirects to",
      );
    }
    const location = response.headers.get("location");
    if (!REDIRECTS.has(response.status) || location === null) return response;
    await response.body?.cancel();
    const next = parseUrl(location, target);
    if (next === undefined) {
      throw unreadable(name, "the server redirects to something other than an http(s) address");
    }
    // Once dropped, they stay dropped, wherever the next redirect leads.
    if (next.origin !== origin) sent = {};
    target = next.href;
  }
  throw unreadable(name, `the server redirects more than ${MOST_REDIRECTS} times`);
}

function unreadable(name: string, why: string): UnreadableError {
  return new UnreadableError(`${name} cannot be read: ${why}`, { location: name });
}
