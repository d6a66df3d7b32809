import { InvalidArchiveError, NotFoundError, UnreadableError } from "../../errors.js";
import { onAbort } from "../on-abort.js";
import { type Answer, answerOf } from "./answer.js";
import type { Fetch, HttpHeaders } from "./http-options.js";
import { mayBeForbidden, networkError, speaksNoTls } from "./network-error.js";
import { createPatience, type Pulse, Silence } from "./patience.js";
import { fetchWithHeaders } from "./redirects.js";

export interface RequestOptions {
  /** What to call the file in messages. */
  readonly name: string;
  readonly fetch: Fetch;
  readonly headers: HttpHeaders;
  readonly signal: AbortSignal | undefined;
  /** How many milliseconds the server may say nothing. */
  readonly timeout: number;
  /** One for all requests to a server: what waits in line for its answer is not given up. */
  readonly pulse: Pulse;
  /** Whether any request of this file or folder was answered, so that a browser may read it. */
  readonly answered: { any: boolean };
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
/** How often where the server says nothing, which takes long each time. */
const SILENT_TRIES = 2;
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
  read: (answer: Answer) => Promise<T>,
): Promise<T> {
  const { name } = options;
  for (let attempt = 1; ; attempt++) {
    options.signal?.throwIfAborted();
    let wait = FIRST_WAIT * 2 ** (attempt - 1);
    try {
      return await send(url, init, options, read);
    } catch (error) {
      options.signal?.throwIfAborted();
      const tries = init.once ? 1 : triesFor(error, url, options);
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
  read: (answer: Answer) => Promise<T>,
): Promise<T> {
  const { name, timeout, pulse } = options;
  const patience = createPatience(options.signal, timeout);
  let answer: Answer | undefined;
  try {
    const sent = fetchWithHeaders(url, requestInit(init, patience.signal), options);
    answer = answerOf(await patience.wait(sent, pulse), patience, pulse);
    options.answered.any = true;
    const { status } = answer;
    if (status === 429 || status >= 500) throw new BusyServer(answer);
    // Servers that know no HEAD refuse it in many ways; those who ask by HEAD have another way to ask.
    if (init.method !== "HEAD" && !init.passes?.includes(status)) refuseFailure(status, name);
    refuseWebPage(answer, name);
    return await read(answer);
  } catch (error) {
    answer?.leave();
    throw error;
  } finally {
    if (answer === undefined) patience.end();
    else if (!answer.isKept) answer.leave();
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

  constructor(answer: Answer) {
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
function refuseWebPage({ status, headers }: Answer, name: string): void {
  const isAnswered = status === 200 || status === 206;
  if (!isAnswered || !/^text\/html\b/i.test(headers.get("content-type") ?? "")) return;
  throw new InvalidArchiveError(
    `the server of ${name} answers with a web page, as for a sign-in or a missing file: open the address in a browser`,
    { location: name },
  );
}

/** How often what fails so is sent; undefined for what will not pass. */
function triesFor(error: unknown, url: string, { answered }: RequestOptions): number | undefined {
  if (error instanceof Silence) return SILENT_TRIES;
  if (speaksNoTls(error)) return 1;
  if (!answered.any && mayBeForbidden(error, url)) return FORBIDDEN_TRIES;
  // `fetch` throws TypeError for all that goes wrong below HTTP.
  const mayPass = error instanceof TypeError || error instanceof BrokenBody || error instanceof BusyServer;
  return mayPass ? TRIES : undefined;
}

function retryAfter({ headers }: Answer): number | undefined {
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
