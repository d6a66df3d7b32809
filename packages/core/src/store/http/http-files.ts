import type { ReadOptions } from "../../bytes/byte-source.js";
import type { HttpSourceOptions } from "../../bytes/http/http-source.js";
import { createLimit } from "../../bytes/http/limit.js";
import { requestRange, requestSize } from "../../bytes/http/ranges.js";
import { request } from "../../bytes/http/request.js";
import { createFileGuard } from "../../bytes/http/same-file.js";
import { isOzxError, UnreadableError } from "../../errors.js";
import { resolveRange } from "../range.js";
import type { AbsolutePath, RangeQuery } from "../store.js";

/** Files below an address, each by its key. */
export interface HttpFiles {
  /** The address, without a slash at its end. */
  readonly name: string;
  /** A whole file; undefined where the server has none. */
  get(key: AbsolutePath, options?: ReadOptions): Promise<Uint8Array | undefined>;
  /** A part of a file; undefined where the server has none. */
  getRange(key: AbsolutePath, range: RangeQuery, options?: ReadOptions): Promise<Uint8Array | undefined>;
}

/** As many as browsers have connections to one server with HTTP/1.1. */
const REQUESTS_AT_ONCE = 6;

/** Reads files below an address. Nothing is asked of the server yet. */
export function httpFiles(url: string | URL, options: HttpSourceOptions = {}): HttpFiles {
  const base = new URL(url);
  base.hash = "";
  base.pathname = base.pathname.replace(/\/+$/, "");
  const name = base.href;
  const limit = createLimit(REQUESTS_AT_ONCE);
  const settingsFor = (signal: AbortSignal | undefined) => ({
    name,
    fetch: options.fetch ?? ((target: string, init: RequestInit) => fetch(target, init)),
    headers: options.headers ?? {},
    signal,
  });
  const urlOf = (key: AbsolutePath): string => {
    const file = new URL(base);
    file.pathname += key.split("/").map(encodeURIComponent).join("/");
    return file.href;
  };
  return {
    name,
    get: (key, { signal } = {}) =>
      limit(() =>
        unlessMissing(() =>
          request(urlOf(key), {}, settingsFor(signal), (response) => readWhole(response, urlOf(key))),
        ),
      ),
    getRange: (key, range, { signal } = {}) =>
      limit(() =>
        unlessMissing(async () => {
          const file = urlOf(key);
          const settings = settingsFor(signal);
          const guard = createFileGuard(file);
          // A suffix needs a preflight cross-origin, which plain buckets refuse, so the length is asked for.
          const size = "suffixLength" in range ? await requestSize(file, guard, settings) : undefined;
          if ("suffixLength" in range && size === undefined) return undefined;
          const { offset, length } =
            size === undefined ? (range as { offset: number; length: number }) : resolveRange(range, size);
          if (length === 0) return new Uint8Array(0);
          return requestRange(file, offset, length, guard, settings);
        }),
      ),
  };
}

async function readWhole(response: Response, url: string): Promise<Uint8Array | undefined> {
  // Servers of pages send one for whatever is not there.
  if (response.headers.get("content-type")?.startsWith("text/html")) {
    await response.body?.cancel();
    return undefined;
  }
  if (response.status === 200) return new Uint8Array(await response.arrayBuffer());
  await response.body?.cancel();
  throw new UnreadableError(`${url} cannot be read: the server answers ${response.status}`, {
    location: url,
  });
}

async function unlessMissing<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (isOzxError(error, "NotFound")) return undefined;
    throw error;
  }
}
