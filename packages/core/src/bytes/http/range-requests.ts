import { InvalidArchiveError, SourceChangedError, UnsupportedError } from "../../errors.js";
import { newBuffer } from "../source-and-sink.js";
import type { RequestOptions } from "./http-address.js";
import { BrokenBody, request } from "./request.js";
import { type HttpResponse, parseContentRange, piecesOf } from "./response.js";

/** A file on a server: where and how to request it. */
export interface RemoteFile {
  readonly address: string;
  /** Checks that all responses are of the same version of the file. */
  readonly guard: FileGuard;
  readonly options: RequestOptions;
}

/** A part of a file. */
export interface Segment {
  readonly start: number;
  readonly bytes: Uint8Array;
}

/** A part at the start or the end of a file, and the length of the whole file. */
export interface SizedSegment extends Segment {
  readonly size: number;
}

/**
 * The last bytes of a file and its length, in one request with a suffix range.
 *
 * @param length how many bytes to request
 * @returns undefined where the server has no suffix ranges, or a browser may not see the length
 */
export function requestTail(file: RemoteFile, length: number): Promise<SizedSegment | undefined> {
  const { address, guard, options } = file;
  return request(address, { range: `bytes=-${length}` }, options, async (answer) => {
    if (answer.status !== 206) return readShort(answer, length, file);
    const range = parseContentRange(answer.headers.get("content-range"));
    // A server may send more than was requested, which must not fill the memory.
    if (range?.total === undefined || range.last - range.first >= length) return undefined;
    guard.check(answer, range.total);
    const bytes = await readExactly(answer, options.name, range.last - range.first + 1);
    return { start: range.first, bytes, size: range.total };
  });
}

/** A file that is shorter than the requested range may arrive as a whole. */
async function readShort(
  answer: HttpResponse,
  length: number,
  { guard, options }: RemoteFile,
): Promise<SizedSegment | undefined> {
  const whole = Number(answer.headers.get("content-length") ?? Number.NaN);
  if (answer.status !== 200 || !(whole <= length) || isEncoded(answer)) return undefined;
  guard.check(answer, whole);
  return { start: 0, bytes: await readExactly(answer, options.name, whole), size: whole };
}

/**
 * The first bytes of a file and its length, in one request that browsers send to other sites without a preflight.
 *
 * @param length how many bytes to request
 * @returns undefined where the server has no ranges, `"hidden"` where a browser may not see the length
 */
export function requestStart(file: RemoteFile, length: number): Promise<SizedSegment | "hidden" | undefined> {
  const { address, guard, options } = file;
  return request(address, { range: `bytes=0-${length - 1}` }, options, async (answer) => {
    // The file is empty.
    if (answer.status === 416) return { start: 0, bytes: new Uint8Array(0), size: 0 };
    if (answer.status !== 206) return readShort(answer, length, file);
    const range = parseContentRange(answer.headers.get("content-range"));
    if (range?.total === undefined) return "hidden";
    if (range.first !== 0 || range.last >= length) return undefined;
    guard.check(answer, range.total);
    const bytes = await readExactly(answer, options.name, range.last + 1);
    return { start: 0, bytes, size: range.total };
  });
}

/** The length of a file by HEAD; undefined where the server does not tell. It is not retried. */
export function requestSize({ address, guard, options }: RemoteFile): Promise<number | undefined> {
  return request(address, { method: "HEAD", noRetry: true }, options, async (answer) =>
    answer.status === 200 ? lengthOf(answer, guard) : undefined,
  );
}

/**
 * The length of a file by a GET of which only the headers are read: a page may see `Content-Length` even without
 * `Access-Control-Expose-Headers`.
 */
export function requestLength({ address, guard, options }: RemoteFile): Promise<number | undefined> {
  return request(address, { range: "bytes=0-" }, options, async (answer) => {
    return answer.status === 206 ? lengthOf(answer, guard) : undefined;
  });
}

function lengthOf(answer: HttpResponse, guard: FileGuard): number | undefined {
  const size = Number(answer.headers.get("content-length") ?? Number.NaN);
  if (isEncoded(answer) || !Number.isSafeInteger(size)) return undefined;
  guard.check(answer, size);
  return size;
}

/**
 * A range of a file, exactly.
 *
 * @throws SourceChangedError when the file has changed since the first response
 * @throws UnsupportedError when the server has no ranges
 * @throws InvalidArchiveError when it sends another range, a compressed body or a web page
 */
export function requestRange(
  { address, guard, options }: RemoteFile,
  start: number,
  length: number,
): Promise<Uint8Array> {
  const { name } = options;
  return request(address, { range: `bytes=${start}-${start + length - 1}` }, options, async (answer) => {
    if (answer.status === 416) {
      throw new SourceChangedError(`${name} became shorter while it was being read: start again`, {
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

/**
 * Reads a body that must have exactly `length` bytes, and stops at the first byte beyond.
 *
 * @throws InvalidArchiveError when it is compressed or longer; BrokenBody when it is shorter
 */
export async function readExactly(answer: HttpResponse, name: string, length: number): Promise<Uint8Array> {
  if (isEncoded(answer)) {
    throw invalidRangeResponse(name, `a part that is compressed (${answer.headers.get("content-encoding")})`);
  }
  const bytes = newBuffer(length, name);
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

/** Whether a body is compressed for the transfer, so that its length and ETag are not the file's. */
export function isEncoded(answer: HttpResponse): boolean {
  return (answer.headers.get("content-encoding") ?? "identity") !== "identity";
}

/** Whether a suffix range needs a CORS preflight, which plain buckets refuse: true in browsers, false in Node. */
export function needsPreflight(): boolean {
  return "document" in globalThis || "importScripts" in globalThis;
}

/** The error for a server that sends whole files when asked for a range. */
export function rangesNotSupported(name: string): UnsupportedError {
  return new UnsupportedError(
    `the server of ${name} does not send parts of files (HTTP ranges), so it cannot be read from there: download it first`,
    { location: name, feature: "server without ranges" },
  );
}

/** The error for a server that hides the length of its files. */
export function lengthNotExposed(name: string): UnsupportedError {
  return new UnsupportedError(
    `the server of ${name} does not say how long it is: it refuses HEAD, and its other answers hide the length from pages of other sites; whoever runs it can have it send "Access-Control-Expose-Headers: Content-Range", or download the file first`,
    { location: name, feature: "server without lengths" },
  );
}

/**
 * The error for a server that sends something other than what was requested.
 *
 * @param what it sent, as the end of `the server sent …`
 */
export function invalidRangeResponse(name: string, what: string): InvalidArchiveError {
  return new InvalidArchiveError(
    `the server of ${name} sent ${what}: it cannot be read from there, download it first`,
    {
      location: name,
    },
  );
}

/**
 * Checks that all responses come from the same version of a file: by its strong ETag, otherwise by its date and
 * length. Cross-origin, a browser shows only headers that the server exposes; missing ones are not compared.
 */
export interface FileGuard {
  /**
   * @param total the length of the file, where the response tells
   * @throws SourceChangedError when the response is of another version than the first one
   */
  check(response: Versioned, total: number | undefined): void;
  /** The file's ETag or date, for its `SourceDescriptor`. */
  version(): string;
}

type Versioned = Pick<Response, "headers">;

/** The guard of one file, which the first response sets. */
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
    // A weak ETag (W/"…") does not guarantee equal bytes.
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
