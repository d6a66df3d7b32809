import { NetworkError, reasonOf } from "../../errors.js";
import { formatSeconds } from "../../format/quantities.js";
import { onAbort } from "../concurrency.js";

/** A `Response` whose body arrives within the idle timeout, or fails. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: Headers;
  /**
   * The next bytes of the body; undefined at its end.
   *
   * @throws TimeoutError when the server sends nothing for too long, or hardly anything
   * @throws TypeError, from `fetch`, when the connection breaks
   */
  next(): Promise<Uint8Array | undefined>;
  /** Keeps the body open after the request: the caller then reads it to its end, or cancels it. */
  keepOpen(): void;
  /** Whether `keepOpen` was called. */
  readonly isKeptOpen: boolean;
  /** Stops reading the body, which frees the connection. */
  cancel(): void;
}

/** Wraps a `Response`, and counts its pieces as activity of the server. */
export function toHttpResponse(
  response: Response,
  idleTimeout: IdleTimeout,
  activity: ServerActivity,
): HttpResponse {
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  const rate = createRateLimit(idleTimeout.timeout, activity);
  let isKeptOpen = false;
  let isOver = false;
  const end = (): void => {
    if (isOver) return;
    isOver = true;
    idleTimeout.dispose();
    // Cancelling a broken body fails; its reader has the error already.
    (reader ?? response.body)?.cancel().catch(() => {});
  };
  activity.count++;
  return {
    status: response.status,
    headers: response.headers,
    async next() {
      reader ??= response.body?.getReader();
      if (isOver || reader === undefined) return undefined;
      try {
        const asked = performance.now();
        const { value } = await idleTimeout.wait(reader.read(), activity);
        activity.count++;
        activity.bytes += value?.length ?? 0;
        if (value === undefined) end();
        else rate.waited(performance.now() - asked);
        return value;
      } catch (error) {
        end();
        throw error;
      }
    },
    keepOpen() {
      isKeptOpen = true;
    },
    get isKeptOpen() {
      return isKeptOpen;
    },
    cancel: end,
  };
}

/** The rest of a body, piece by piece. */
export async function* piecesOf(answer: HttpResponse): AsyncGenerator<Uint8Array> {
  for (let piece = await answer.next(); piece !== undefined; piece = await answer.next()) yield piece;
}

/** The parsed `Content-Range` of a 206 response (RFC 9110, 14.4). */
export interface ContentRange {
  /** First and last byte, both included. */
  readonly first: number;
  readonly last: number;
  /** Length of the whole; undefined where the server says `*`. */
  readonly total: number | undefined;
}

/** Parses `bytes 0-99/1000`; undefined for any other header, which cannot answer a request for one range. */
export function parseContentRange(header: string | null): ContentRange | undefined {
  const match = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(header?.trim() ?? "");
  if (match === null) return undefined;
  const [first, last] = [Number(match[1]), Number(match[2])];
  const total = match[3] === "*" ? undefined : Number(match[3]);
  if (first > last || (total !== undefined && last >= total)) return undefined;
  return { first, last, total };
}

/** The default idle timeout, in milliseconds. */
export const DEFAULT_TIMEOUT = 30_000;

/** A server has sent nothing for too long, or hardly anything. */
export class TimeoutError extends Error {
  override readonly name = "TimeoutError";
}

/** Counts what a server sends: while it sends something, its other requests are only waiting in line. */
export interface ServerActivity {
  count: number;
  /** Of all bodies. */
  bytes: number;
}

const activities = new Map<string, ServerActivity>();

/** The activity of a server, one for all its files: browsers share few connections among all requests to a server. */
export function activityOf({ origin }: URL): ServerActivity {
  const activity = activities.get(origin) ?? { count: 0, bytes: 0 };
  activities.set(origin, activity);
  return activity;
}

/** The least that a server sends, in bytes a second: over a slower connection nobody reads images. */
const LEAST_RATE = 128;

/**
 * Limits how slowly a body arrives: one byte now and then would keep a reader waiting for years, though the server is never
 * silent for long. What it sends in other bodies at the same time counts, too.
 *
 * @param timeout the idle timeout: the rate is that of twice this time
 */
function createRateLimit(timeout: number, activity: ServerActivity): { waited(milliseconds: number): void } {
  let before = activity.bytes;
  let waiting = 0;
  return {
    /** @throws TimeoutError */
    waited(milliseconds) {
      // Longer only where the machine slept.
      waiting += Math.min(milliseconds, timeout);
      if (waiting < 2 * timeout) return;
      const seconds = waiting / 1000;
      const bytes = activity.bytes - before;
      if (bytes < LEAST_RATE * seconds) {
        throw new TimeoutError(`has sent only ${bytes} bytes in ${formatSeconds(seconds)}`);
      }
      [before, waiting] = [activity.bytes, 0];
    },
  };
}

/** Limits how long one request waits for the server; see {@link createIdleTimeout}. */
export interface IdleTimeout {
  /** In milliseconds. */
  readonly timeout: number;
  /** Aborts with the caller's signal and its reason, or with `TimeoutError`. Pass it to `fetch`. */
  readonly signal: AbortSignal;
  /**
   * Waits for what the server sends next.
   *
   * @param activity what the server sends to other requests, which restarts the timeout
   * @throws TimeoutError
   */
  wait<T>(next: Promise<T>, activity?: ServerActivity): Promise<T>;
  /** Removes the listener from the caller's signal. */
  dispose(): void;
}

/**
 * An idle timeout for one request. It has a signal of its own, since `fetch` leaves its listeners on the signal that it
 * is passed.
 *
 * @param signal the caller's
 * @param timeout in milliseconds; `Infinity` for none
 */
export function createIdleTimeout(signal: AbortSignal | undefined, timeout: number): IdleTimeout {
  const controller = new AbortController();
  const removeListener = signal && onAbort(signal, () => controller.abort(signal.reason));
  return {
    timeout,
    signal: controller.signal,
    async wait(next, activity) {
      if (timeout === Number.POSITIVE_INFINITY) return next;
      let timer: ReturnType<typeof setInterval> | undefined;
      const timedOut = new Promise<never>((_, reject) => {
        timer = startTimer(timeout, activity, () => {
          const error = new TimeoutError(`has sent nothing for ${formatSeconds(timeout / 1000)}`);
          reject(error);
          controller.abort(error);
        });
      });
      try {
        return await Promise.race([next, timedOut]);
      } finally {
        clearInterval(timer);
      }
    },
    dispose: () => removeListener?.(),
  };
}

/** After a process was stopped, or a machine slept, only one tick is due, so that the server gets more time. */
const TICKS = 10;
/** The longest delay that timers take. */
const LONGEST_TICK = 2 ** 31 - 1;

function startTimer(
  timeout: number,
  activity: ServerActivity | undefined,
  onTimeout: () => void,
): ReturnType<typeof setInterval> {
  let ticksLeft = TICKS;
  let counted = activity?.count;
  return setInterval(
    () => {
      ticksLeft = counted === activity?.count ? ticksLeft - 1 : TICKS;
      counted = activity?.count;
      if (ticksLeft === 0) onTimeout();
    },
    Math.min(timeout / TICKS, LONGEST_TICK),
  );
}

/**
 * The error for a request that failed after all tries.
 *
 * @param name the file, for the message
 */
export function networkError(name: string, url: string, cause: unknown): NetworkError {
  return new NetworkError(networkMessage(name, url, cause), { location: name }, { cause });
}

function networkMessage(name: string, url: string, cause: unknown): string {
  if (cause instanceof TimeoutError) {
    return `the server of ${name} ${cause.message}: try again, or ask whoever runs it`;
  }
  if (speaksNoTls(cause)) return `${name} cannot be reached: the server does not speak https: try http://`;
  const failure = `${name} cannot be reached: ${reasonOf(cause)}; check the address and the connection`;
  return mayBeForbidden(cause, url)
    ? `${failure}, or its server does not let other sites read it (CORS: Access-Control-Allow-Origin)`
    : `${failure}, and try again`;
}

const NO_TLS: ReadonlySet<unknown> = new Set([
  "ERR_SSL_WRONG_VERSION_NUMBER",
  "ERR_SSL_PACKET_LENGTH_TOO_LONG",
]);

/** Whether the server does not speak https. Only Node tells. */
export function speaksNoTls(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && "code" in cause && NO_TLS.has(cause.code);
}

/** Whether the failure may be CORS: the server may not let pages of other sites read. Browsers do not tell. */
export function mayBeForbidden(error: unknown, url: string): boolean {
  const { location } = globalThis as { readonly location?: { readonly origin: string } };
  return error instanceof TypeError && location !== undefined && new URL(url).origin !== location.origin;
}
