import { InvalidArchiveError, NotFoundError, UnreadableError } from "../../errors.js";
import { onAbort } from "../concurrency.js";
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

/** What is asked for. */
export interface RequestKind {
  readonly method?: "GET" | "HEAD";
  readonly range?: string;
  /** Statuses of 400 and above that are an answer and no failure. */
  readonly passes?: readonly number[];
  /** Not to be tried again, where there is another way to ask. */
  readonly noRetry?: boolean;
}

/** How often a request is sent before it counts as failed. */
const TRIES = 4;
/** How often where the server says nothing, which takes long each time. */
const TIMEOUT_TRIES = 2;
/** How often where a browser may not be allowed to say why it fails. */
const FORBIDDEN_TRIES = 2;
/** Milliseconds before the second try; each further one waits twice as long. */
const FIRST_WAIT = 250;
/** No server makes us wait longer than this. */
const LONGEST_WAIT = 10_000;

/**
 * Sends a request and hands its answer to `read`; what that does not take of the body is left. What may pass (no
 * connection, 429, 5xx, a body that breaks off or comes no further) is tried again, each time after a longer wait.
 *
 * @throws NotFoundError, UnreadableError for what will not pass; InvalidArchiveError for a web page; NetworkError when all tries failed
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
  const { name, timeout, activity: pulse } = options;
  const patience = createIdleTimeout(options.signal, timeout);
  let answer: HttpResponse | undefined;
  try {
    const sent = fetchWithHeaders(url, requestInit(init, patience.signal), options);
    answer = toHttpResponse(await patience.wait(sent, pulse), patience, pulse);
    options.answered.any = true;
    const { status } = answer;
    if (status === 429 || status >= 500) throw new BusyServer(answer);
    // Servers that know no HEAD refuse it in many ways; those who ask by HEAD have another way to ask.
    if (init.method !== "HEAD" && !init.passes?.includes(status)) refuseFailure(status, name);
    refuseWebPage(answer, name);
    return await read(answer);
  } catch (error) {
    answer?.cancel();
    throw error;
  } finally {
    if (answer === undefined) patience.dispose();
    else if (!answer.isKeptOpen) answer.cancel();
  }
}

/** A response's body was not what its headers promise: worth another try. */
export class BrokenBody extends Error {
  override readonly name = "BrokenBody";
}

/** A server has no time. */
class BusyServer extends Error {
  override readonly name = "BusyServer";
  /** How many milliseconds it wants to be left alone, where it says so. */
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
    // Chromium lets requests for ranges of one URL wait for each other in its cache, so that only one is in flight.
    ...(range !== undefined && { cache: "no-store" as const }),
    signal,
  };
}

function refuseFailure(status: number, name: string): void {
  if (status < 400 || status === 416) return;
  const place = { location: name, status };
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
    : "give the credentials it wants";
}

/**
 * Nothing that is asked for here is a web page: one is a server's way to say something else.
 *
 * @throws InvalidArchiveError for one
 */
function refuseWebPage({ status, headers }: HttpResponse, name: string): void {
  const isAnswered = status === 200 || status === 206;
  if (!isAnswered || !/^text\/html\b/i.test(headers.get("content-type") ?? "")) return;
  throw new InvalidArchiveError(
    `the server of ${name} answers with a web page, as for a sign-in or a missing file: open the address in a browser`,
    { location: name },
  );
}

/** How often what fails so is sent; undefined for what will not pass. */
function triesFor(error: unknown, url: string, { answered }: RequestOptions): number | undefined {
  if (error instanceof TimeoutError) return TIMEOUT_TRIES;
  if (speaksNoTls(error)) return 1;
  if (!answered.any && mayBeForbidden(error, url)) return FORBIDDEN_TRIES;
  // `fetch` throws TypeError for all that goes wrong below HTTP.
  const mayPass = error instanceof TypeError || error instanceof BrokenBody || error instanceof BusyServer;
  return mayPass ? TRIES : undefined;
}

function retryAfter({ headers }: HttpResponse): number | undefined {
  const seconds = Number(headers.get("retry-after") ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
}

function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      end?.();
      resolve();
    }, milliseconds);
    const end =
      signal &&
      onAbort(signal, () => {
        clearTimeout(timer);
        reject(signal.reason);
      });
  });
}

/** As many as browsers follow. */
const MOST_REDIRECTS = 20;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * Sends a request with headers that are for one server only. `fetch` itself takes `Authorization` out when it
 * is redirected to another one, and no other header, so redirects are followed here. In a browser, which does
 * not say where they lead, they are refused.
 */
export async function fetchWithHeaders(
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
        "the server redirects, and a browser would send the headers along: give the address that it leads to",
      );
    }
    const location = response.headers.get("location");
    if (!REDIRECTS.has(response.status) || location === null) return response;
    await response.body?.cancel();
    const next = parseUrl(location, target);
    if (next === undefined) {
      throw unreadable(name, "the server redirects to what is no http(s) address");
    }
    // Once they have stayed behind they do not come back, wherever the next redirect leads.
    if (next.origin !== origin) sent = {};
    target = next.href;
  }
  throw unreadable(name, `the server redirects more than ${MOST_REDIRECTS} times`);
}

function unreadable(name: string, why: string): UnreadableError {
  return new UnreadableError(`${name} cannot be read: ${why}`, { location: name });
}
