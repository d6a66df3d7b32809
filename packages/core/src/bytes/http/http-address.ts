import { UsageError } from "../../errors.js";
import type { ReadOptions } from "../source-and-sink.js";
import { activityOf, DEFAULT_TIMEOUT, type ServerActivity } from "./response.js";

/** Whether a location is an `http(s)` URL. */
export function isHttpAddress(location: string): boolean {
  return /^https?:\/\//i.test(location);
}

/**
 * Where requests to an address go, and how. A user name and password in the address become an `Authorization` header,
 * since `fetch` takes no others, and appear in no message.
 *
 * @throws UsageError for an invalid address, header or timeout
 */
export function requestSettings(
  location: string | URL,
  options: HttpOptions & ReadOptions & { readonly name?: string | undefined },
): { address: string; settings: RequestOptions } {
  const url = parse(location);
  const credentials = credentialsOf(url);
  url.username = "";
  url.password = "";
  url.hash = "";
  // A relative address is shown in full, since a reader of the message may be elsewhere.
  const isAsGiven = typeof location === "string" && isHttpAddress(location) && credentials === undefined;
  const address = isAsGiven ? location : url.href;
  const headers = { ...credentials, ...options.headers };
  checkHeaders(headers);
  const { timeout = DEFAULT_TIMEOUT } = options;
  if (!(timeout > 0)) throw new UsageError(`a timeout of ${timeout} ms is invalid: pass a number above 0`);
  return {
    address: url.href,
    settings: {
      name: options.name ?? redactAddress(address),
      fetch: options.fetch ?? ((target, init) => fetch(target, init)),
      headers,
      signal: options.signal,
      timeout,
      activity: activityOf(url),
      answered: { any: false },
    },
  };
}

/**
 * A URL or path for messages: without the query, which may hold tokens and signatures, and without a user name and
 * password.
 */
export function redactAddress(location: string): string {
  if (!isHttpAddress(location)) return location;
  return location.replace(/^([a-z]+:\/\/)[^/?#]*@/i, "$1").replace(/\?.*$/s, "?…");
}

/** Parses an http(s) URL, which may be relative to `base`; undefined where it is not valid. */
export function parseUrl(location: string, base?: string): URL | undefined {
  try {
    const url = new URL(location, base);
    return isHttpAddress(url.href) ? url : undefined;
  } catch {
    return undefined;
  }
}

/** Parses an http(s) URL, which in a page may be relative to the page. */
function parse(location: string | URL): URL {
  const url = parseUrl(String(location)) ?? parseUrl(String(location), pageAddress());
  if (url !== undefined) return url;
  // A message must not show a password or a signature.
  const shown = String(location)
    .replace(/[?#].*$/s, "")
    .replace(/\/\/[^/]*@/, "//");
  if (/^https?:\/\//i.test(shown)) {
    throw new UsageError(
      `"${shown}" is not a complete address: give the server and the path, as in https://example.org/image.ozx`,
    );
  }
  throw new UsageError(
    `"${shown}" is not an http(s) address: pass one that starts with http:// or https://; for a file, use openFileSource(path) of @ozx/core/node`,
  );
}

/** Undefined outside of pages and their workers. */
function pageAddress(): string | undefined {
  const { document, location }: { document?: { baseURI?: string }; location?: { href?: string } } =
    globalThis;
  return document?.baseURI ?? location?.href;
}

/** The "Basic" scheme (RFC 7617). */
function credentialsOf({ username, password }: URL): HttpHeaders | undefined {
  if (username === "" && password === "") return undefined;
  const text = `${decode(username)}:${decode(password)}`;
  const bytes = Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte));
  return { Authorization: `Basic ${btoa(bytes.join(""))}` };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The part of `fetch` that is used. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** HTTP headers, by name. */
export type HttpHeaders = Readonly<Record<string, string>>;

/** How requests to a server are sent. */
export interface HttpOptions {
  /**
   * Sent with every request, as for authorization, but only to the server (scheme, host and port) of the address: a
   * redirect to another server drops them.
   */
  readonly headers?: HttpHeaders | undefined;
  /** Replaces the platform's `fetch`, for requests that must be signed. */
  readonly fetch?: Fetch | undefined;
  /**
   * The idle timeout in milliseconds: how long a server may send nothing, before a response or within it. A response
   * that brings fewer than 128 bytes a second in twice this time has stalled, too. The request is then retried once
   * before it fails. 30 000 by default; `Infinity` for no limit. Node's own `fetch` gives up after 300 s in any case,
   * unless `fetch` is replaced.
   */
  readonly timeout?: number | undefined;
}

/** What all requests to one file or folder share. */
export interface RequestOptions {
  /** The name used in messages. */
  readonly name: string;
  readonly fetch: Fetch;
  readonly headers: HttpHeaders;
  readonly signal: AbortSignal | undefined;
  /** The idle timeout, in milliseconds. */
  readonly timeout: number;
  /** Shared by all requests to a server: while it answers others, a request that waits in line does not time out. */
  readonly activity: ServerActivity;
  /** Whether any request to this file or folder was answered, so that CORS is not in the way. */
  readonly answered: { any: boolean };
}

/** Headers that ozx sets itself; other values would change the bytes of the response. */
const OWN = new Set(["accept-encoding", "connection", "content-length", "host", "if-range", "range"]);
/** RFC 9110, 5.1. */
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** RFC 9110, 5.5. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * Checks that headers can be sent.
 *
 * @throws UsageError, which names the header and never shows its value: that may be a password
 */
export function checkHeaders(headers: HttpHeaders): void {
  for (const [name, value] of Object.entries(headers)) {
    if (!NAME.test(name)) {
      throw new UsageError(
        'a header has a name that cannot be sent: write it as in "Authorization: Bearer …"',
      );
    }
    if (OWN.has(name.toLowerCase())) {
      throw new UsageError(`the header ${name} is set by ozx itself: leave it out`);
    }
    if (!VALUE.test(value)) {
      throw new UsageError(`the value of the header ${name} has characters that cannot be sent`);
    }
  }
}

/** The object that an `s3://` address names. */
export interface BucketObject {
  readonly bucket: string;
  readonly key: string;
}

/** Whether a location is an `s3://` address. */
export function isS3Address(location: string): boolean {
  return /^s3:\/\//i.test(location);
}

/**
 * Parses `s3://bucket/key`.
 *
 * @throws UsageError for an address without bucket or key, or with a key that no URL can express
 */
export function parseS3Address(location: string): BucketObject {
  const [, bucket = "", key = ""] = /^s3:\/\/([^/?#]*)\/?(.*)$/is.exec(location) ?? [];
  if (key.split("/").some((segment) => segment === "." || segment === "..")) {
    throw new UsageError(`${location} cannot be read: "." and ".." in an address lead to another object`);
  }
  if (/^[A-Za-z0-9._-]+$/.test(bucket) && key !== "") return { bucket, key };
  throw new UsageError(`${location} does not name an object: write it as in s3://bucket/folder/image.ozx`);
}

/** Bucket names that can be part of a host name. Those with dots are not covered by the wildcard certificate. */
const HOST_LIKE = /^[a-z0-9](?:[a-z0-9-]{1,61})[a-z0-9]$/;

/** The URL of a bucket of Amazon S3: of its region, or without one of the endpoint that knows all regions. */
export function bucketAddress(bucket: string, region?: string): URL {
  const host = region === undefined ? "s3.amazonaws.com" : `s3.${region}.amazonaws.com`;
  return new URL(HOST_LIKE.test(bucket) ? `https://${bucket}.${host}` : `https://${host}/${bucket}`);
}

/** An object's key as a URL path below its bucket. */
export function objectPath(key: string): string {
  return key.split("/").map(encode).join("/");
}

/**
 * The https URL of the object that an `s3://` address names; anonymous reads need a public bucket.
 *
 * @throws UsageError for an address without bucket or key
 */
export function publicS3Address(location: string): string {
  const { bucket, key } = parseS3Address(location);
  return `${bucketAddress(bucket).href.replace(/\/$/, "")}/${objectPath(key)}`;
}

/** Escapes as AWS signatures do (Signature Version 4, "UriEncode"). */
function encode(segment: string): string {
  return encodeURIComponent(segment).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
