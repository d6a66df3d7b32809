import { crc32 } from "node:zlib";
import { onAbort, pause } from "../../bytes/concurrency.js";
import { objectPath } from "../../bytes/http/http-address.js";
import type { ReadOptions } from "../../bytes/source-and-sink.js";
import { type ResolvedBucket, resolveBucket } from "../open/s3.js";
import { BucketRefusedError, isTransient, refusalIn, unreachable } from "./bucket-errors.js";
import { sendBytes } from "./send-bytes.js";

/** A request to a bucket. */
export interface BucketRequest {
  readonly method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
  /** The key of an object; the bucket itself without one. */
  readonly key?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
}

export interface BucketAnswer {
  readonly headers: Headers;
  readonly text: string;
  /** How often the request was sent: after the first time, the service may have done it before. */
  readonly attempts: number;
}

/** Where objects are written. */
export interface BucketClient {
  /** The `s3://` address of a key, for messages. */
  nameOf(key: string): string;
  /**
   * Sends a request. Transient failures are retried, each time after a longer and randomized wait.
   *
   * @throws BucketRefusedError for an answer that is an error, also one that comes with status 200
   * @throws NetworkError when no attempt was answered
   */
  send(request: BucketRequest, options?: ReadOptions): Promise<BucketAnswer>;
}

export interface BucketClientOptions {
  /** Replaces {@link sendBytes}. */
  readonly fetch?: ResolvedBucket["http"]["fetch"] | undefined;
  /** Milliseconds before the second attempt; each further one waits up to twice as long. */
  readonly firstWait?: number | undefined;
}

/** How often a request is sent, where the service has answered before and where it never has. */
const TRIES = { known: 8, unknown: 4 };
const FIRST_WAIT = 250;
/** The longest wait, in milliseconds, whatever `Retry-After` says. */
const LONGEST_WAIT = 20_000;
/** How long an answer may take: some seconds, and time for the body at this many bytes a millisecond. */
const ANSWER_TIME = 60_000;
const SLOWEST = 100;

/**
 * A client for the bucket of an `s3://` address, and the key that it names.
 *
 * @throws UsageError for an address without bucket or key, and for invalid settings
 */
export async function openBucket(
  location: string,
  { fetch = sendBytes, firstWait = FIRST_WAIT }: BucketClientOptions = {},
): Promise<{ readonly client: BucketClient; readonly key: string }> {
  const { bucket, bucketUrl, key, http } = await resolveBucket(location, { fetch });
  const nameOf = (of: string): string => `s3://${bucket}/${of}`;
  let isAnswered = false;
  const client: BucketClient = {
    nameOf,
    async send(request, { signal } = {}) {
      const { key: of, query = {}, body } = request;
      const search = new URLSearchParams(query).toString().replaceAll("+", "%20");
      const url = `${bucketUrl}/${of === undefined ? "" : objectPath(of)}${search === "" ? "" : `?${search}`}`;
      const headers = { ...request.headers, ...checksumOf(request) };
      for (let attempt = 1; ; attempt++) {
        signal?.throwIfAborted();
        let wait = firstWait * 2 ** (attempt - 1) * (0.5 + Math.random() / 2);
        try {
          const timeout = ANSWER_TIME + (body?.length ?? 0) / SLOWEST;
          const init = { method: request.method, headers, ...(body !== undefined && { body }) };
          const answer = await withTimeout(timeout, signal, async (within) => {
            const response = await http.fetch(url, { ...init, signal: within } as RequestInit);
            return { response, text: await response.text() };
          });
          isAnswered = true;
          const { response, text } = answer;
          const isError = response.status >= 300 || /^\s*(<\?xml[^>]*>)?\s*<Error>/.test(text);
          if (!isError) return { headers: response.headers, text, attempts: attempt };
          const refusal = refusalIn(response.status, text);
          if (!isTransient(refusal) || attempt >= TRIES.known) throw new BucketRefusedError(refusal);
          const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
          if (seconds >= 0) wait = Math.max(wait, seconds * 1000);
        } catch (error) {
          signal?.throwIfAborted();
          if (!isBroken(error)) throw error;
          const tries = isAnswered ? TRIES.known : TRIES.unknown;
          if (attempt >= tries) throw unreachable(of === undefined ? `s3://${bucket}` : nameOf(of), error);
        }
        await pause(Math.min(wait, LONGEST_WAIT), signal);
      }
    },
  };
  return { client, key };
}

/** `fetch` throws TypeError for every failure below HTTP. */
function isBroken(error: unknown): boolean {
  return error instanceof TypeError || error instanceof SlowAnswer;
}

class SlowAnswer extends Error {
  override readonly name = "SlowAnswer";
}

/** With a body, the service is told its CRC-32, and refuses one that arrives damaged. */
function checksumOf({ method, body }: BucketRequest): Record<string, string> {
  return method === "PUT" && body instanceof Uint8Array ? { "x-amz-checksum-crc32": checksum(body) } : {};
}

/** A CRC-32 as in `x-amz-checksum-crc32`. */
export function checksum(bytes: Uint8Array): string {
  const value = Buffer.alloc(4);
  value.writeUInt32BE(crc32(bytes));
  return value.toString("base64");
}

async function withTimeout<T>(
  milliseconds: number,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const timer = setTimeout(
    () => controller.abort(new SlowAnswer(`no answer for ${Math.round(milliseconds / 1000)} s`)),
    milliseconds,
  );
  const end = signal && onAbort(signal, () => controller.abort(signal.reason));
  try {
    return await work(controller.signal);
  } catch (error) {
    throw controller.signal.aborted ? controller.signal.reason : error;
  } finally {
    clearTimeout(timer);
    end?.();
  }
}
