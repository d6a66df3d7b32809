import { type ByteSource, checkRange, type ReadOptions } from "../byte-source.js";
import { untilAborted } from "../until-aborted.js";
import { requestSettings } from "./address.js";
import { findSize } from "./find-size.js";
import { createFlight, type Flight } from "./flights.js";
import type { HttpOptions } from "./http-options.js";
import { keepRanges } from "./kept-ranges.js";
import { createLimit } from "./limit.js";
import { type MergedRead, mergeReads, type WaitingRead } from "./merge-reads.js";
import { needsPreflight, requestRange, type Segment } from "./ranges.js";
import type { RequestOptions } from "./request.js";
import { createFileGuard, type FileGuard } from "./same-file.js";

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
  const { size, kept } = await findSize(
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
  const limit = createLimit(REQUESTS_AT_ONCE);
  const cache = keepRanges(cacheBytes);
  const flights = new Set<Flight>();
  let waiting: WaitingRead[] = [];
  let closed = false;

  const send = async (merged: MergedRead): Promise<void> => {
    const { start, length } = merged;
    const flight = createFlight(merged);
    flights.add(flight);
    try {
      const { signal } = flight;
      const bytes = await limit(() => requestRange(address, start, length, guard, { ...settings, signal }));
      cache.keep(start, bytes);
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
    for (const merged of mergeReads(reads)) void send(merged);
  };
  const ask = (read: WaitingRead): void => {
    for (const flight of flights) if (flight.join(read)) return;
    if (waiting.length === 0) queueMicrotask(sendAll);
    waiting.push(read);
  };

  return {
    name,
    size,
    async read(offset, length, options) {
      const signal = options?.signal;
      signal?.throwIfAborted();
      checkRange({ name, size }, offset, length);
      if (closed) throw new TypeError(`${name} has been closed`);
      if (length === 0) return new Uint8Array(0);
      const from = offset - (kept?.start ?? 0);
      if (kept !== undefined && from >= 0 && from + length <= kept.bytes.length) {
        return kept.bytes.subarray(from, from + length);
      }
      const again = cache.find(offset, length);
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
