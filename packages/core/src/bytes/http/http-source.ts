import { isOzxError } from "../../errors.js";
import { createConcurrencyLimit, untilAborted } from "../concurrency.js";
import { type ByteSource, checkByteRange, type ReadOptions } from "../source-and-sink.js";
import {
  type CoalescedRead,
  coalesceReads,
  createInFlightRequest,
  createRangeCache,
  type InFlightRequest,
  type PendingRead,
} from "./coalesce-reads.js";
import { type HttpOptions, type RequestOptions, requestSettings } from "./http-address.js";
import {
  createFileGuard,
  type FileGuard,
  lengthNotExposed,
  needsPreflight,
  rangesNotSupported,
  requestLength,
  requestRange,
  requestSize,
  requestStart,
  requestTail,
  type Segment,
} from "./range-requests.js";

export interface HttpSourceOptions extends ReadOptions, HttpOptions {
  /**
   * How the length is found out. `suffix`: one request that brings the end of the file along. `head`: HEAD, or the
   * first range where that is refused, which cross-origin in a browser need no preflight. By default `suffix` in
   * Node and `head` in browsers.
   */
  readonly sizeBy?: "suffix" | "head" | undefined;
  /** What to call it in messages; the address by default. */
  readonly name?: string | undefined;
  /** How many bytes of what was read are kept for when they are asked for again: 16 MiB by default, 0 for none. */
  readonly cacheBytes?: number | undefined;
}

/** Enough for the headers, shard indices and chunks that are looked at again and again. */
const CACHE_BYTES = 16 * 1024 * 1024;
/** As many as browsers have connections to one server with HTTP/1.1. */
const REQUESTS_AT_ONCE = 6;

/**
 * Opens a file on a server as a `ByteSource`. Every read is one request, or less: the end of the file is kept, and
 * neighbouring ranges that are wanted at the same moment are asked for together. What a server sends that is not
 * what was asked for is an error.
 *
 * @throws UsageError for an address that is none, or a header that cannot be sent
 * @throws NotFoundError, UnreadableError, NetworkError
 * @throws UnsupportedError when the server does not send parts of files
 */
export async function openHttpSource(
  url: string | URL,
  options: HttpSourceOptions = {},
): Promise<ByteSource> {
  const { address, settings } = requestSettings(url, options);
  const guard = createFileGuard(settings.name);
  const { size, cached: kept } = await findSize(
    address,
    guard,
    settings,
    options.sizeBy ?? (needsPreflight() ? "head" : "suffix"),
  );
  const location = options.name ?? address;
  return httpSource({ address, location }, size, kept, guard, settings, options.cacheBytes ?? CACHE_BYTES);
}

function httpSource(
  { address, location }: { readonly address: string; readonly location: string },
  size: number,
  kept: Segment | undefined,
  guard: FileGuard,
  settings: RequestOptions,
  cacheBytes: number,
): ByteSource {
  const { name } = settings;
  const limit = createConcurrencyLimit(REQUESTS_AT_ONCE);
  const cache = createRangeCache(cacheBytes);
  const flights = new Set<InFlightRequest>();
  let waiting: PendingRead[] = [];
  let closed = false;

  const send = async (merged: CoalescedRead): Promise<void> => {
    const { start, length } = merged;
    const flight = createInFlightRequest(merged);
    flights.add(flight);
    try {
      const { signal } = flight;
      const bytes = await limit(() => requestRange(address, start, length, guard, { ...settings, signal }));
      cache.add(start, bytes);
      flight.resolve(bytes);
    } catch (error) {
      flight.reject(error);
    } finally {
      flights.delete(flight);
    }
  };
  const sendAll = (): void => {
    const reads = waiting.filter(({ signal }) => !signal?.aborted);
    waiting = [];
    for (const merged of coalesceReads(reads)) void send(merged);
  };
  const ask = (read: PendingRead): void => {
    for (const flight of flights) if (flight.coalesce(read)) return;
    if (waiting.length === 0) queueMicrotask(sendAll);
    waiting.push(read);
  };

  return {
    name,
    size,
    async read(offset, length, options) {
      const signal = options?.signal;
      signal?.throwIfAborted();
      checkByteRange({ name, size }, offset, length);
      if (closed) throw new TypeError(`${name} has been closed`);
      if (length === 0) return new Uint8Array(0);
      const from = offset - (kept?.start ?? 0);
      if (kept !== undefined && from >= 0 && from + length <= kept.bytes.length) {
        return kept.bytes.subarray(from, from + length);
      }
      const again = cache.get(offset, length);
      if (again !== undefined) return again;
      return untilAborted(
        new Promise<Uint8Array>((resolve, reject) => {
          ask({ start: offset, length, resolve, reject, signal });
        }),
        signal,
      );
    },
    descriptor: () => ({ location, version: `${size} bytes of ${guard.version()}` }),
    async close() {
      closed = true;
    },
  };
}

export interface FoundSize {
  readonly size: number;
  /** What came along. */
  readonly cached: Segment | undefined;
}

/** How much of the end comes with the first request: where the end records of a zip are looked for, and more. */
const TAIL = 128 * 1024;
/** How much of the start comes along where HEAD is refused: in an archive, metadata. */
const START = 64 * 1024;

/** Finds out how long a file on a server is, and that the server has ranges where that can be known yet. */
export async function findSize(
  url: string,
  guard: FileGuard,
  settings: RequestOptions,
  sizeBy: "suffix" | "head",
): Promise<FoundSize> {
  const tail = sizeBy === "suffix" ? await requestTail(url, TAIL, guard, settings) : undefined;
  if (tail !== undefined) return { size: tail.size, cached: tail };
  return sizeByPlainRequests(url, guard, settings);
}

/**
 * By requests that need no preflight. Presigned addresses are good for GET alone, some servers know no HEAD, and
 * some let other sites GET alone, which a page sees as a connection that fails.
 */
async function sizeByPlainRequests(
  url: string,
  guard: FileGuard,
  settings: RequestOptions,
): Promise<FoundSize> {
  const size = await requestSize(url, guard, settings, true).catch((error: unknown) => {
    if (isOzxError(error, "Network")) return undefined;
    throw error;
  });
  if (size !== undefined) return { size, cached: undefined };
  const start = await requestStart(url, START, guard, settings);
  if (start === undefined) throw rangesNotSupported(settings.name);
  if (start !== "hidden") return { size: start.size, cached: start };
  const length = await requestLength(url, guard, settings);
  if (length === undefined) throw lengthNotExposed(settings.name);
  return { size: length, cached: undefined };
}
