import { type ByteSource, checkRange, type ReadOptions } from "../byte-source.js";
import { createLimit } from "./limit.js";
import { type MergedRead, mergeReads, type WaitingRead } from "./merge-reads.js";
import { noRanges, requestRange, requestSize, requestTail, type Segment } from "./ranges.js";
import type { Fetch, RequestOptions } from "./request.js";
import { createFileGuard, type FileGuard } from "./same-file.js";

export interface HttpSourceOptions extends ReadOptions {
  /** Sent with every request, as for authorization. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Instead of the platform's, where requests must be signed. */
  readonly fetch?: Fetch | undefined;
  /**
   * How the length is found out. `suffix`: one request that brings the end of the file along. `head`: HEAD, then
   * plain ranges, which cross-origin in a browser need no preflight. By default `suffix` in Node and `head` in
   * browsers.
   */
  readonly sizeBy?: "suffix" | "head" | undefined;
}

/** How much of the end comes with the first request: where the end records of a zip are looked for, and more. */
const TAIL = 128 * 1024;
/** As many as browsers have connections to one server with HTTP/1.1. */
const REQUESTS_AT_ONCE = 6;

/**
 * Opens a file on a server as a `ByteSource`. Every read is one request, or less: the end of the file is kept, and
 * neighbouring ranges that are wanted at the same moment are asked for together. What a server sends that is not
 * what was asked for is an error.
 *
 * @throws NotFoundError, UnreadableError, NetworkError
 * @throws UnsupportedError when the server does not send parts of files
 */
export async function openHttpSource(
  url: string | URL,
  options: HttpSourceOptions = {},
): Promise<ByteSource> {
  const name = String(url);
  const guard = createFileGuard(name);
  const settings: RequestOptions = {
    fetch: options.fetch ?? ((target, init) => fetch(target, init)),
    headers: options.headers ?? {},
    signal: options.signal,
  };
  const { size, kept } = await findSize(name, guard, settings, options.sizeBy ?? defaultSizeBy());
  return httpSource(name, size, kept, guard, settings);
}

async function findSize(
  url: string,
  guard: FileGuard,
  settings: RequestOptions,
  sizeBy: "suffix" | "head",
): Promise<{ size: number; kept: Segment | undefined }> {
  if (sizeBy === "head") {
    const size = await requestSize(url, guard, settings);
    if (size !== undefined) return { size, kept: undefined };
  }
  const tail = await requestTail(url, TAIL, guard, settings);
  if (tail !== undefined) return { size: tail.size, kept: tail };
  const size = sizeBy === "head" ? undefined : await requestSize(url, guard, settings);
  if (size !== undefined) return { size, kept: undefined };
  throw noRanges(url);
}

function httpSource(
  name: string,
  size: number,
  kept: Segment | undefined,
  guard: FileGuard,
  settings: RequestOptions,
): ByteSource {
  const limit = createLimit(REQUESTS_AT_ONCE);
  let waiting: WaitingRead[] = [];
  let closed = false;

  const send = async ({ start, length, reads }: MergedRead): Promise<void> => {
    const { signal, release } = commonSignal(reads);
    try {
      const bytes = await limit(() => requestRange(name, start, length, guard, { ...settings, signal }));
      for (const read of reads) {
        const at = read.start - start;
        read.resolve(reads.length === 1 ? bytes : bytes.slice(at, at + read.length));
      }
    } catch (error) {
      for (const read of reads) read.reject(error);
    } finally {
      release();
    }
  };
  const sendAll = (): void => {
    const reads = waiting.filter(({ signal }) => !signal?.aborted);
    waiting = [];
    for (const merged of mergeReads(reads)) void send(merged);
  };

  return {
    name,
    size,
    async read(offset, length, options) {
      options?.signal?.throwIfAborted();
      checkRange({ name, size }, offset, length);
      if (closed) throw new TypeError(`${name} has been closed`);
      if (length === 0) return new Uint8Array(0);
      if (kept !== undefined && offset >= kept.start) {
        return kept.bytes.subarray(offset - kept.start, offset - kept.start + length);
      }
      return untilAborted(
        new Promise<Uint8Array>((resolve, reject) => {
          if (waiting.length === 0) queueMicrotask(sendAll);
          waiting.push({ start: offset, length, resolve, reject, signal: options?.signal });
        }),
        options?.signal,
      );
    },
    descriptor: () => ({ location: name, version: `${size} bytes of ${guard.version()}` }),
    async close() {
      closed = true;
    },
  };
}

/** Ends a request when nobody waits for it any more: when all of its reads are aborted. */
function commonSignal(reads: readonly WaitingRead[]): {
  readonly signal: AbortSignal | undefined;
  /** Takes the listeners from the signals, which may live much longer than the request. */
  release(): void;
} {
  const signals = new Set(reads.map(({ signal }) => signal).filter((signal) => signal !== undefined));
  if (reads.some(({ signal }) => signal === undefined)) return { signal: undefined, release() {} };
  const controller = new AbortController();
  const check = (): void => {
    const [first] = signals;
    if ([...signals].every(({ aborted }) => aborted)) controller.abort(first?.reason);
  };
  for (const signal of signals) signal.addEventListener("abort", check, { once: true });
  check();
  return {
    signal: controller.signal,
    release() {
      for (const signal of signals) signal.removeEventListener("abort", check);
    },
  };
}

/** A read that shares its request with others ends for itself when its own signal aborts. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

/** A suffix range needs a preflight cross-origin, which plain buckets refuse; Node knows no origins. */
function defaultSizeBy(): "suffix" | "head" {
  return "document" in globalThis || "importScripts" in globalThis ? "head" : "suffix";
}
