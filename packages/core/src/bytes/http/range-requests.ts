import { InvalidArchiveError, SourceChangedError, UnsupportedError } from "../../errors.js";
import type { RequestOptions } from "./http-address.js";
import { BrokenBody, request } from "./request.js";
import { type HttpResponse, parseContentRange, piecesOf } from "./response.js";

/** Bytes of a file and where they lie in it. */
export interface Segment {
  readonly start: number;
  readonly bytes: Uint8Array;
}

/** Bytes at an end of a file. */
export interface Tail extends Segment {
  /** Length of the whole file. */
  readonly size: number;
}

/**
 * The last bytes of a file and its length, in one request with a suffix range.
 *
 * @returns undefined where the server has no suffix ranges, or a browser may not see the length
 */
export function requestTail(
  url: string,
  length: number,
  guard: FileGuard,
  options: RequestOptions,
): Promise<Tail | undefined> {
  return request(url, { range: `bytes=-${length}` }, options, async (answer) => {
    if (answer.status === 206) {
      const range = parseContentRange(answer.headers.get("content-range"));
      // What is taken into memory is never more than was asked for.
      if (range?.total === undefined || range.last - range.first >= length) return undefined;
      guard.check(answer, range.total);
      const bytes = await readExactly(answer, options.name, range.last - range.first + 1);
      return { start: range.first, bytes, size: range.total };
    }
    return readShort(answer, length, guard, options.name);
  });
}

/** A file shorter than what was asked for may come whole. */
async function readShort(
  answer: HttpResponse,
  length: number,
  guard: FileGuard,
  name: string,
): Promise<Tail | undefined> {
  const whole = Number(answer.headers.get("content-length") ?? Number.NaN);
  if (answer.status !== 200 || !(whole <= length) || isEncoded(answer)) return undefined;
  guard.check(answer, whole);
  return { start: 0, bytes: await readExactly(answer, name, whole), size: whole };
}

/**
 * The first bytes of a file and its length, in one request that browsers send to another site without a preflight.
 *
 * @returns undefined where the server has no ranges, `"hidden"` where a browser may not see the length
 */
export function requestStart(
  url: string,
  length: number,
  guard: FileGuard,
  options: RequestOptions,
): Promise<Tail | "hidden" | undefined> {
  return request(url, { range: `bytes=0-${length - 1}` }, options, async (answer) => {
    // There is no first byte.
    if (answer.status === 416) return { start: 0, bytes: new Uint8Array(0), size: 0 };
    if (answer.status === 206) {
      const range = parseContentRange(answer.headers.get("content-range"));
      if (range?.total === undefined || range.first !== 0 || range.last >= length) {
        return range?.total === undefined ? "hidden" : undefined;
      }
      guard.check(answer, range.total);
      const bytes = await readExactly(answer, options.name, range.last + 1);
      return { start: 0, bytes, size: range.total };
    }
    return readShort(answer, length, guard, options.name);
  });
}

/** The length of a file by HEAD, or undefined where the server does not say. */
export function requestSize(
  url: string,
  guard: FileGuard,
  options: RequestOptions,
  once = false,
): Promise<number | undefined> {
  return request(url, { method: "HEAD", noRetry: once }, options, async (answer) =>
    answer.status === 200 ? lengthOfAll(answer, guard) : undefined,
  );
}

/**
 * The length of a file by all of it, of which only the headers are taken: `Content-Length` is among those that every
 * page may see.
 */
export function requestLength(
  url: string,
  guard: FileGuard,
  options: RequestOptions,
): Promise<number | undefined> {
  return request(url, { range: "bytes=0-" }, options, async (answer) => {
    return answer.status === 206 ? lengthOfAll(answer, guard) : undefined;
  });
}

function lengthOfAll(answer: HttpResponse, guard: FileGuard): number | undefined {
  const size = Number(answer.headers.get("content-length") ?? Number.NaN);
  if (isEncoded(answer) || !Number.isSafeInteger(size)) return undefined;
  guard.check(answer, size);
  return size;
}

/**
 * A range of a file. All that servers do wrong is an error, never other bytes: no range at all, another range,
 * fewer bytes, a compressed body, a web page, another version of the file.
 */
export function requestRange(
  url: string,
  start: number,
  length: number,
  guard: FileGuard,
  options: RequestOptions,
): Promise<Uint8Array> {
  const { name } = options;
  return request(url, { range: `bytes=${start}-${start + length - 1}` }, options, async (answer) => {
    if (answer.status === 416) {
      throw new SourceChangedError(`${name} has become shorter while it was being read: start again`, {
        location: name,
      });
    }
    if (answer.status !== 206) throw rangesNotSupported(name);
    const range = parseContentRange(answer.headers.get("content-range"));
    if (range && (range.first !== start || range.last !== start + length - 1)) {
      throw invalidRangeResponse(
        name,
        `bytes ${range.first} to ${range.last} when asked for ${start} to ${start + length - 1}`,
      );
    }
    guard.check(answer, range?.total);
    return readExactly(answer, name, length);
  });
}

/** Takes a body that must have exactly this many bytes, and stops at the first one more. */
export async function readExactly(answer: HttpResponse, name: string, length: number): Promise<Uint8Array> {
  if (isEncoded(answer)) {
    throw invalidRangeResponse(name, `a part that is compressed (${answer.headers.get("content-encoding")})`);
  }
  const bytes = new Uint8Array(length);
  let done = 0;
  for await (const piece of piecesOf(answer)) {
    if (done + piece.length > length) {
      throw invalidRangeResponse(name, `more than the ${length} bytes it was asked for`);
    }
    bytes.set(piece, done);
    done += piece.length;
  }
  if (done < length) throw new BrokenBody(`the connection ended after ${done} of ${length} bytes`);
  return bytes;
}

export function isEncoded(answer: HttpResponse): boolean {
  return (answer.headers.get("content-encoding") ?? "identity") !== "identity";
}

/** A suffix range needs a preflight cross-origin, which plain buckets refuse; Node knows no origins. */
export function needsPreflight(): boolean {
  return "document" in globalThis || "importScripts" in globalThis;
}

/** The error for a server that sends the whole file whatever is asked for. */
export function rangesNotSupported(name: string): UnsupportedError {
  return new UnsupportedError(
    `the server of ${name} does not send parts of files (HTTP ranges), so it cannot be read from there: download it first`,
    { location: name, feature: "server without ranges" },
  );
}

/** The error for a server that lets nobody know how long a file is. */
export function lengthNotExposed(name: string): UnsupportedError {
  return new UnsupportedError(
    `the server of ${name} does not say how long it is: it refuses HEAD, and its other answers hide the length from pages of other sites; whoever runs it can have it send "Access-Control-Expose-Headers: Content-Range", or download the file first`,
    { location: name, feature: "server without lengths" },
  );
}

/** The error for a server that sends something else than what was asked for. */
export function invalidRangeResponse(name: string, what: string): InvalidArchiveError {
  return new InvalidArchiveError(
    `the server of ${name} sent ${what}: it cannot be read from there, download it first`,
    {
      location: name,
    },
  );
}

/**
 * Makes sure that all responses come from the same version of a file: by its strong ETag, otherwise by its date
 * and length. Cross-origin a browser only shows those headers that the server exposes; what is not there cannot
 * be compared.
 */
export interface FileGuard {
  /** @throws SourceChangedError when this response is of another version than the first */
  check(response: Versioned, total: number | undefined): void;
  /** What responses have said of the version of the file besides its length, for whoever opens it elsewhere. */
  version(): string;
}

type Versioned = Pick<Response, "headers">;

export function createFileGuard(name: string): FileGuard {
  let known: Version | undefined;
  return {
    check(response, total) {
      const version = versionOf(response, total);
      known ??= version;
      if (sameVersion(known, version)) return;
      throw new SourceChangedError(`${name} was replaced while it was being read: start again`, {
        location: name,
      });
    },
    version: () => known?.etag ?? known?.modified ?? "an unknown date",
  };
}

interface Version {
  readonly etag: string | undefined;
  readonly modified: string | undefined;
  readonly total: number | undefined;
}

function versionOf({ headers }: Versioned, total: number | undefined): Version {
  const etag = headers.get("etag") ?? undefined;
  return {
    // A weak one (W/"…") promises no equal bytes.
    etag: etag?.startsWith('"') ? etag : undefined,
    modified: headers.get("last-modified") ?? undefined,
    total,
  };
}

function sameVersion(a: Version, b: Version): boolean {
  const same = (left: unknown, right: unknown): boolean =>
    left === undefined || right === undefined || left === right;
  if (!same(a.total, b.total)) return false;
  if (a.etag !== undefined && b.etag !== undefined) return a.etag === b.etag;
  return same(a.modified, b.modified);
}
