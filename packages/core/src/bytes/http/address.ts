import { UsageError } from "../../errors.js";
import type { ReadOptions } from "../byte-source.js";
import { checkHeaders, type HttpHeaders, type HttpOptions } from "./http-options.js";
import { pulseOf, TIMEOUT } from "./patience.js";
import type { RequestOptions } from "./request.js";

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
  const { timeout = TIMEOUT } = options;
  if (!(timeout > 0)) throw new UsageError(`a timeout of ${timeout} ms is none: give a number above 0`);
  return {
    address: url.href,
    settings: {
      name: options.name ?? shownAddress(address),
      fetch: options.fetch ?? ((target, init) => fetch(target, init)),
      headers,
      signal: options.signal,
      timeout,
      pulse: pulseOf(url),
      answered: { any: false },
    },
  };
}

/**
 * An address, or a path, as it may be shown: without what an address asks with, as tokens and signatures are, and
 * without a name and a password before its host.
 */
export function shownAddress(location: string): string {
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
