import { NetworkError } from "../../errors.js";
import { formatSeconds } from "../../format/quantities.js";
import { onAbort } from "../concurrency.js";

/** What a server sends to one request: a `Response` of which each piece comes in time, or is an error. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: Headers;
  /**
   * The next bytes of the body; undefined at its end.
   *
   * @throws TimeoutError, and what `fetch` throws where the connection breaks
   */
  next(): Promise<Uint8Array | undefined>;
  /** Keeps the body for later: who calls this reads it to its end, or leaves it. */
  keepOpen(): void;
  /** Whether it is kept. */
  readonly isKeptOpen: boolean;
  /** Takes no more of the body, so that the connection is free for others. */
  cancel(): void;
}

export function toHttpResponse(
  response: Response,
  patience: IdleTimeout,
  pulse: ServerActivity,
): HttpResponse {
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  let isKept = false;
  let isOver = false;
  const leave = (): void => {
    if (isOver) return;
    isOver = true;
    patience.dispose();
    // What broke cannot be left; that it broke is told to who reads.
    (reader ?? response.body)?.cancel().catch(() => {});
  };
  pulse.count++;
  return {
    status: response.status,
    headers: response.headers,
    async next() {
      reader ??= response.body?.getReader();
      if (isOver || reader === undefined) return undefined;
      try {
        const { value } = await patience.wait(reader.read(), pulse);
        pulse.count++;
        if (value === undefined) leave();
        return value;
      } catch (error) {
        leave();
        throw error;
      }
    },
    keepOpen() {
      isKept = true;
    },
    get isKeptOpen() {
      return isKept;
    },
    cancel: leave,
  };
}

/** All that is to come of a body, piece by piece. */
export async function* piecesOf(answer: HttpResponse): AsyncGenerator<Uint8Array> {
  for (let piece = await answer.next(); piece !== undefined; piece = await answer.next()) yield piece;
}

/** A `Content-Range` of a 206 response (RFC 9110, 14.4), taken apart. */
export interface ContentRange {
  /** First and last byte, both included. */
  readonly first: number;
  readonly last: number;
  /** Length of the whole; undefined where the server says `*`. */
  readonly total: number | undefined;
}

/** Parses `bytes 0-99/1000`, or undefined for anything else, which is no answer to one range of bytes. */
export function parseContentRange(header: string | null): ContentRange | undefined {
  const match = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(header?.trim() ?? "");
  if (match === null) return undefined;
  const [first, last] = [Number(match[1]), Number(match[2])];
  const total = match[3] === "*" ? undefined : Number(match[3]);
  if (first > last || (total !== undefined && last >= total)) return undefined;
  return { first, last, total };
}

/** How many milliseconds a server may say nothing, where nobody says otherwise. */
export const DEFAULT_TIMEOUT = 30_000;

/** A server has said nothing for too long. */
export class TimeoutError extends Error {
  override readonly name = "TimeoutError";
}

/** Counts what a server sends: while it sends something, others that wait for it are only waiting in line. */
export interface ServerActivity {
  count: number;
}

const activities = new Map<string, ServerActivity>();

/** One for all files and folders of a server: browsers share few connections among all requests to it. */
export function activityOf({ origin }: URL): ServerActivity {
  const pulse = activities.get(origin) ?? { count: 0 };
  activities.set(origin, pulse);
  return pulse;
}

/** How long one request waits, and for whom it ends early. */
export interface IdleTimeout {
  /** Aborts with what it was made of, with its reason, or with `TimeoutError`. */
  readonly signal: AbortSignal;
  /**
   * Waits for what the server sends next.
   *
   * @param pulse where what else the server sends counts too
   * @throws TimeoutError
   */
  wait<T>(next: Promise<T>, pulse?: ServerActivity): Promise<T>;
  /** Lets go of the signal that it was made of. */
  dispose(): void;
}

/** The patience with one request: a signal of its own, since `fetch` leaves its listeners on the one it is given. */
export function createIdleTimeout(signal: AbortSignal | undefined, timeout: number): IdleTimeout {
  const controller = new AbortController();
  const end = signal && onAbort(signal, () => controller.abort(signal.reason));
  return {
    signal: controller.signal,
    async wait(next, pulse) {
      if (timeout === Number.POSITIVE_INFINITY) return next;
      let timer: ReturnType<typeof setInterval> | undefined;
      const silence = new Promise<never>((_, reject) => {
        timer = everyTick(timeout, pulse, () => {
          const error = new TimeoutError(`has sent nothing for ${formatSeconds(timeout / 1000)}`);
          reject(error);
          controller.abort(error);
        });
      });
      try {
        return await Promise.race([next, silence]);
      } finally {
        clearInterval(timer);
      }
    },
    dispose: () => end?.(),
  };
}

/** A process that was stopped, or a machine that slept, misses all but one of them, and listens again before it gives up. */
const TICKS = 10;
const LONGEST_TICK = 2 ** 31 - 1;

function everyTick(
  timeout: number,
  pulse: ServerActivity | undefined,
  over: () => void,
): ReturnType<typeof setInterval> {
  let left = TICKS;
  let beats = pulse?.count;
  return setInterval(
    () => {
      left = beats === pulse?.count ? left - 1 : TICKS;
      beats = pulse?.count;
      if (left === 0) over();
    },
    Math.min(timeout / TICKS, LONGEST_TICK),
  );
}

/**
 * The error for a request that failed, after all tries.
 *
 * @param name what to call the file
 */
export function networkError(name: string, url: string, cause: unknown): NetworkError {
  return new NetworkError(networkMessage(name, url, cause), { location: name }, { cause });
}

function networkMessage(name: string, url: string, cause: unknown): string {
  if (cause instanceof TimeoutError) {
    return `the server of ${name} ${cause.message}: try again, or ask whoever runs it`;
  }
  if (speaksNoTls(cause)) return `${name} cannot be reached: the server does not speak https: try http://`;
  const failure = `${name} cannot be reached: ${networkReason(cause)}; check the address and the connection`;
  return mayBeForbidden(cause, url)
    ? `${failure}, or its server does not let other sites read it (CORS: Access-Control-Allow-Origin)`
    : `${failure}, and try again`;
}

/** In Node the reason that a person can use is in the cause, which may have several lines. */
function networkReason(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const text = cause instanceof Error ? cause.message : String(cause);
  return text.replace(/\s+/g, " ").trim();
}

const NO_TLS: ReadonlySet<unknown> = new Set([
  "ERR_SSL_WRONG_VERSION_NUMBER",
  "ERR_SSL_PACKET_LENGTH_TOO_LONG",
]);

/** Whether what answered is no server of https, in Node, which tells. */
export function speaksNoTls(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && "code" in cause && NO_TLS.has(cause.code);
}

/** Whether it may be a server that does not let a page of another site read: a browser does not tell. */
export function mayBeForbidden(error: unknown, url: string): boolean {
  const { location } = globalThis as { readonly location?: { readonly origin: string } };
  return error instanceof TypeError && location !== undefined && new URL(url).origin !== location.origin;
}
