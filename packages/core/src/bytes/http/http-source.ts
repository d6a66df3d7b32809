import { isOzxError } from "../../errors.js";
import { createConcurrencyLimit, untilAborted } from "../concurrency.js";
import {
  type ByteSource,
  checkByteRange,
  checkWithinFolder,
  type ReadOptions,
  type SourceFolder,
} from "../source-and-sink.js";
import {
  type CoalescedRead,
  coalesceReads,
  createInFlightRequest,
  createRangeCache,
  type InFlightRequest,
  type PendingRead,
} from "./coalesce-reads.js";
import { type HttpOptions, requestSettings } from "./http-address.js";
import {
  createFileGuard,
  lengthNotExposed,
  needsPreflight,
  type RemoteFile,
  rangesNotSupported,
  requestLength,
  requestRange,
  requestSize,
  requestStart,
  requestTail,
  type Segment,
} from "./range-requests.js";

/** Options of {@link openHttpSource}. */
export interface HttpSourceOptions extends ReadOptions, HttpOptions {
  /**
   * How the length is determined. `suffix`: one request, which also brings the end of the file. `head`: HEAD, or the
   * first range where HEAD is refused; cross-origin in a browser, neither needs a preflight. By default `suffix` in
   * Node and `head` in browsers.
   */
  readonly sizeBy?: "suffix" | "head" | undefined;
  /** The name used in messages; the address by default. */
  readonly name?: string | undefined;
  /** The size of the cache of ranges, in bytes: 16 MiB by default, 0 for none. */
  readonly cacheBytes?: number | undefined;
}

/** Enough for the headers, shard indices and chunks that are read again and again. */
const CACHE_BYTES = 16 * 1024 * 1024;
/** As many as browsers have connections to one server with HTTP/1.1. */
const REQUESTS_AT_ONCE = 6;

/**
 * Opens a file on a server as a `ByteSource`. A read takes one request or less: the end of the file is cached, and
 * neighbouring ranges that are read at the same moment are coalesced. A response that does not match its request is an
 * error.
 *
 * @throws UsageError for an invalid address or header
 * @throws NotFoundError, UnreadableError, NetworkError where the server cannot be asked
 * @throws UnsupportedError when the server has no ranges
 */
export async function openHttpSource(
  url: string | URL,
  options: HttpSourceOptions = {},
): Promise<ByteSource> {
  const { address, settings } = requestSettings(url, options);
  const file = { address, guard: createFileGuard(settings.name), options: settings };
  const opened = await findSize(file, options.sizeBy ?? (needsPreflight() ? "head" : "suffix"));
  const source = httpSource(file, opened, {
    location: options.name ?? address,
    cacheBytes: options.cacheBytes ?? CACHE_BYTES,
  });
  return { ...source, folder: httpSourceFolder(address, source.name, options) };
}

/** The folder of a file on a server, which cannot be listed. */
function httpSourceFolder(address: string, name: string, options: HttpSourceOptions): SourceFolder {
  const parentOf = (path: string): string => path.replace(/[?#].*$/s, "").replace(/[^/]*$/, "");
  const folderName = parentOf(name);
  return {
    name: folderName,
    async open(path, read) {
      checkWithinFolder(path, folderName);
      const encoded = path.split("/").map(encodeURIComponent).join("/");
      // What follows the path, such as a token, applies to all files of the folder.
      const [query = ""] = /[?].*$/s.exec(address) ?? [];
      try {
        return await openHttpSource(`${parentOf(address)}${encoded}${query}`, {
          ...options,
          name: folderName + path,
          signal: read?.signal ?? options.signal,
        });
      } catch (error) {
        if (isOzxError(error, "NotFound")) return undefined;
        throw error;
      }
    },
  };
}

function httpSource(
  file: RemoteFile,
  { size, cached }: SizedFile,
  { location, cacheBytes }: { readonly location: string; readonly cacheBytes: number },
): ByteSource {
  const { name } = file.options;
  const limit = createConcurrencyLimit(REQUESTS_AT_ONCE);
  const cache = createRangeCache(cacheBytes);
  const inFlight = new Set<InFlightRequest>();
  let waiting: PendingRead[] = [];
  let closed = false;

  const send = async (merged: CoalescedRead): Promise<void> => {
    const { start, length } = merged;
    const sent = createInFlightRequest(merged);
    inFlight.add(sent);
    try {
      const options = { ...file.options, signal: sent.signal };
      const bytes = await limit(() => requestRange({ ...file, options }, start, length));
      cache.add(start, bytes);
      sent.resolve(bytes);
    } catch (error) {
      sent.reject(error);
    } finally {
      inFlight.delete(sent);
    }
  };
  const sendAll = (): void => {
    const reads = waiting.filter(({ signal }) => !signal?.aborted);
    waiting = [];
    for (const merged of coalesceReads(reads)) void send(merged);
  };
  const enqueue = (read: PendingRead): void => {
    for (const sent of inFlight) if (sent.coalesce(read)) return;
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
      const from = offset - (cached?.start ?? 0);
      if (cached !== undefined && from >= 0 && from + length <= cached.bytes.length) {
        return cached.bytes.subarray(from, from + length);
      }
      const known = cache.get(offset, length);
      if (known !== undefined) return known;
      return untilAborted(
        new Promise<Uint8Array>((resolve, reject) => {
          enqueue({ start: offset, length, resolve, reject, signal });
        }),
        signal,
      );
    },
    descriptor: () => ({ location, version: `${size} bytes of ${file.guard.version()}` }),
    async close() {
      closed = true;
    },
  };
}

interface SizedFile {
  readonly size: number;
  /** The part of the file that came with its length. */
  readonly cached: Segment | undefined;
}

/** How much of the end comes with the first request: more than the end records of a zip take. */
const TAIL = 128 * 1024;
/** How much of the start comes with it where HEAD is refused: in an archive, metadata. */
const START = 64 * 1024;

/** Determines the length of a file, and that the server has ranges where that shows. */
async function findSize(file: RemoteFile, sizeBy: "suffix" | "head"): Promise<SizedFile> {
  const tail = sizeBy === "suffix" ? await requestTail(file, TAIL) : undefined;
  return tail === undefined ? sizeByPlainRequests(file) : { size: tail.size, cached: tail };
}

/**
 * By requests that need no preflight. Presigned URLs allow GET alone, some servers do not know HEAD, and some let other
 * sites use GET alone, which a page sees as a failed connection.
 */
async function sizeByPlainRequests(file: RemoteFile): Promise<SizedFile> {
  const { name } = file.options;
  const size = await requestSize(file).catch((error: unknown) => {
    if (isOzxError(error, "Network")) return undefined;
    throw error;
  });
  if (size !== undefined) return { size, cached: undefined };
  const start = await requestStart(file, START);
  if (start === undefined) throw rangesNotSupported(name);
  if (start !== "hidden") return { size: start.size, cached: start };
  const length = await requestLength(file);
  if (length === undefined) throw lengthNotExposed(name);
  return { size: length, cached: undefined };
}
