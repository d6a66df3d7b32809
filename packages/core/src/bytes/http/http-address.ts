import { UsageError } from "../../errors.js";
import type { ReadOptions } from "../source-and-sink.js";
import { activityOf, DEFAULT_TIMEOUT, type ServerActivity } from "./response.js";

/** Whether a location is an `http(s)` address. */
export function isHttpAddress(location: string): boolean {
  return /^https?:\/\//i.test(location);
}

/**
 * Where requests to an address go, and how. Name and password in the address become a header, as `fetch` wants
 * it, and are in no message.
 *
 * @throws UsageError for an address that is none, or a header that cannot be sent
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
  // Somebody else may be elsewhere: what is relative is told in full.
  const isAsGiven = typeof location === "string" && isHttpAddress(location) && credentials === undefined;
  const address = isAsGiven ? location : url.href;
  const headers = { ...credentials, ...options.headers };
  checkHeaders(headers);
  const { timeout = DEFAULT_TIMEOUT } = options;
  if (!(timeout > 0)) throw new UsageError(`a timeout of ${timeout} ms is none: give a number above 0`);
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
 * An address, or a path, as it may be shown: without what an address asks with, as tokens and signatures are, and
 * without a name and a password before its host.
 */
export function redactAddress(location: string): string {
  if (!isHttpAddress(location)) return location;
  return location.replace(/^([a-z]+:\/\/)[^/?#]*@/i, "$1").replace(/\?.*$/s, "?…");
}

/** An address, relative to another one where that is given; undefined for what is none. */
export function parseUrl(location: string, base?: string): URL | undefined {
  try {
    const url = new URL(location, base);
    return isHttpAddress(url.href) ? url : undefined;
  } catch {
    return undefined;
  }
}

/** Of a page, addresses may be relative to where it is. */
function parse(location: string | URL): URL {
  const url = parseUrl(String(location)) ?? parseUrl(String(location), pageAddress());
  if (url !== undefined) return url;
  // Neither a password nor what a link is signed with belongs into a message.
  const shown = String(location)
    .replace(/[?#].*$/s, "")
    .replace(/\/\/[^/]*@/, "//");
  throw new UsageError(
    `"${shown}" is no address that can be asked: give one that starts with http:// or https://, and for a file openFileSource(path) of @ozx/core/node`,
  );
}

/** Undefined outside of pages and their workers. */
function pageAddress(): string | undefined {
  const { document, location }: { document?: { baseURI?: string }; location?: { href?: string } } =
    globalThis;
  return document?.baseURI ?? location?.href;
}

/** RFC 7617: as HTTP's own "Basic" scheme has it. */
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

/** What of `fetch` is needed. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Names of headers and what they say. */
export type HttpHeaders = Readonly<Record<string, string>>;

/** How requests to a server are sent. */
export interface HttpOptions {
  /**
   * Sent with every request, as for authorization, but to no other server (scheme, host and port) than that of
   * the address: where it redirects to another one, they stay behind.
   */
  readonly headers?: HttpHeaders | undefined;
  /** Instead of the platform's, where requests must be signed. */
  readonly fetch?: Fetch | undefined;
  /**
   * For how many milliseconds a server may say nothing, before its answer begins and within it, before it is asked
   * once more and then given up: 30 000 by default, `Infinity` for as long as it takes. Node's own `fetch` gives up after
   * 300 s of silence whatever is said here, unless another `fetch` is given.
   */
  readonly timeout?: number | undefined;
}

/** A request to a server, and what it goes by. */
export interface RequestOptions {
  /** What to call the file in messages. */
  readonly name: string;
  readonly fetch: Fetch;
  readonly headers: HttpHeaders;
  readonly signal: AbortSignal | undefined;
  /** How many milliseconds the server may say nothing. */
  readonly timeout: number;
  /** One for all requests to a server: what waits in line for its answer is not given up. */
  readonly activity: ServerActivity;
  /** Whether any request of this file or folder was answered, so that a browser may read it. */
  readonly answered: { any: boolean };
}

/** Those that say what is asked for; with others in their place, other bytes would come. */
const OWN = new Set(["accept-encoding", "connection", "content-length", "host", "if-range", "range"]);
/** RFC 9110, 5.1 and 5.5. What is wrong with a value is not told by showing it: it may be a password. */
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * Refuses headers that cannot be sent, before any is.
 *
 * @throws UsageError, which names the header and never shows its value
 */
export function checkHeaders(headers: HttpHeaders): void {
  for (const [name, value] of Object.entries(headers)) {
    if (!NAME.test(name)) {
      throw new UsageError(
        'a header has a name that cannot be sent: give it as in "Authorization: Bearer …"',
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

/** What an `s3://` address names. */
export interface BucketObject {
  readonly bucket: string;
  readonly key: string;
}

/** Whether a location is in a bucket. */
export function isS3Address(location: string): boolean {
  return /^s3:\/\//i.test(location);
}

/**
 * Takes an `s3://bucket/key` apart.
 *
 * @throws UsageError for an address without bucket or key, or with a key that no address can have
 */
export function parseS3Address(location: string): BucketObject {
  const [, bucket = "", key = ""] = /^s3:\/\/([^/?#]*)\/?(.*)$/is.exec(location) ?? [];
  if (key.split("/").some((segment) => segment === "." || segment === "..")) {
    throw new UsageError(`${location} cannot be asked for: in addresses "." and ".." lead to another object`);
  }
  if (/^[A-Za-z0-9._-]+$/.test(bucket) && key !== "") return { bucket, key };
  throw new UsageError(`${location} names no object: give it as in s3://bucket/folder/image.ozx`);
}

/** Names that can be part of a host's, and that a certificate for all buckets is good for: without dots. */
const HOST_LIKE = /^[a-z0-9](?:[a-z0-9-]{1,61})[a-z0-9]$/;

/** Where Amazon's service has a bucket; without a region it is asked where all regions are known. */
export function bucketAddress(bucket: string, region?: string): URL {
  const host = region === undefined ? "s3.amazonaws.com" : `s3.${region}.amazonaws.com`;
  return new URL(HOST_LIKE.test(bucket) ? `https://${bucket}.${host}` : `https://${host}/${bucket}`);
}

/** The path of an object below its bucket. */
export function objectPath(key: string): string {
  return key.split("/").map(encode).join("/");
}

/**
 * Where anybody can ask for what an `s3://` address names, as long as its bucket is public.
 *
 * @throws UsageError for an address without bucket or key
 */
export function publicS3Address(location: string): string {
  const { bucket, key } = parseS3Address(location);
  return `${bucketAddress(bucket).href.replace(/\/$/, "")}/${objectPath(key)}`;
}

/** As the service's own names of objects are escaped in its signatures. */
function encode(segment: string): string {
  return encodeURIComponent(segment).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
