import { once } from "node:events";
import { createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { extname } from "node:path";
import { pipeline } from "node:stream/promises";
import type { RemoteSource } from "./remote-source.js";

export interface SendOptions {
  /** Refuse to send the whole file: a request for all of a large image is a mistake. */
  readonly rangesOnly?: boolean;
  /** The value of `Cache-Control`. */
  readonly cache: string;
  /** The media type; by default one that no browser shows or runs. */
  readonly type?: string;
}

/** Answers `GET` and `HEAD` for a regular file, with ranges, and with 404 for anything else at the path. */
export async function sendFile(
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
  { rangesOnly = false, cache, type = DATA }: SendOptions,
): Promise<void> {
  const file = await open(path, "r").catch(() => undefined);
  if (file === undefined) return refuse(response, 404);
  try {
    const found = await file.stat({ bigint: true });
    if (!found.isFile()) return refuse(response, 404);
    const size = Number(found.size);
    response.setHeader("Accept-Ranges", "bytes");
    response.setHeader("Cache-Control", cache);
    response.setHeader("Content-Type", type);
    // Changes with the file.
    response.setHeader("ETag", `"${found.size.toString(36)}-${found.mtimeNs.toString(36)}"`);
    const part = parseByteRange(request.headers.range, size);
    if (part === "unsatisfiable") {
      response.setHeader("Content-Range", `bytes */${size}`);
      return refuse(response, 416);
    }
    const isHead = request.method === "HEAD";
    if (part === undefined) {
      if (rangesOnly && !isHead) return refuse(response, 403);
      response.writeHead(200, { "Content-Length": size });
      return await sendPart(file, { start: 0, end: isHead ? 0 : size }, response);
    }
    response.writeHead(206, {
      "Content-Length": part.end - part.start,
      "Content-Range": `bytes ${part.start}-${part.end - 1}/${size}`,
    });
    await sendPart(file, isHead ? { start: 0, end: 0 } : part, response);
  } finally {
    await file.close();
  }
}

/** Answers `GET` and `HEAD` with all of some bytes. */
export function sendBytes(
  bytes: Uint8Array,
  request: IncomingMessage,
  response: ServerResponse,
  { cache, type = DATA }: Pick<SendOptions, "cache" | "type">,
): void {
  response.writeHead(200, { "Cache-Control": cache, "Content-Type": type, "Content-Length": bytes.length });
  response.end(request.method === "HEAD" ? undefined : bytes);
}

/** Sends an answer without a body. */
export function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, { "Content-Length": 0 }).end();
}

async function sendPart(
  file: FileHandle,
  { start, end }: { readonly start: number; readonly end: number },
  response: ServerResponse,
): Promise<void> {
  if (end === start) {
    response.end();
    return;
  }
  const body = createReadStream("", { fd: file, start, end: end - 1, autoClose: false });
  // A page that no longer needs an answer closes the connection: not an error.
  await pipeline(body, response).catch(() => response.destroy());
}

/** The largest part that is requested, and held in memory, at once. */
const PIECE = 1024 * 1024;

export interface SendRemoteOptions {
  /** The segments of a path in a folder; empty for a file. */
  readonly path: readonly string[];
  readonly onError: (error: unknown) => void;
}

/**
 * Answers `GET` and `HEAD` with the file at a path of a source on a server, with ranges; a source that is a single file
 * is never sent as a whole. An error of the server becomes 502, and is passed to `onError`.
 */
export async function sendRemote(
  source: RemoteSource,
  request: IncomingMessage,
  response: ServerResponse,
  { path, onError }: SendRemoteOptions,
): Promise<void> {
  const controller = new AbortController();
  response.once("close", () => controller.abort());
  const { signal } = controller;
  try {
    const found = await source.find(path, { signal });
    if (found === undefined) return refuse(response, 404);
    const { size } = found;
    response.setHeader("Accept-Ranges", "bytes");
    response.setHeader("Cache-Control", "no-store");
    response.setHeader("Content-Type", DATA);
    const part = parseByteRange(request.headers.range, size);
    if (part === "unsatisfiable") {
      response.setHeader("Content-Range", `bytes */${size}`);
      return refuse(response, 416);
    }
    const isHead = request.method === "HEAD";
    if (part === undefined && !source.isFolder && !isHead) return refuse(response, 403);
    const { start, end } = part ?? { start: 0, end: size };
    // The header is sent with the first piece: until then, the answer can still be an error.
    let next = isHead ? undefined : await found.read(start, Math.min(PIECE, end - start), { signal });
    const range = part && { "Content-Range": `bytes ${start}-${end - 1}/${size}` };
    response.writeHead(part ? 206 : 200, { "Content-Length": end - start, ...range });
    for (let at = start; next !== undefined; ) {
      at += next.length;
      if (!response.write(next)) await once(response, "drain", { signal });
      next = at < end ? await found.read(at, Math.min(PIECE, end - at), { signal }) : undefined;
    }
    response.end();
  } catch (error) {
    if (signal.aborted) return;
    onError(error);
    if (response.headersSent) response.destroy();
    else refuse(response, 502);
  }
}

/** A range of bytes; `end` is exclusive. */
interface BytePart {
  readonly start: number;
  readonly end: number;
}

/**
 * Parses a `Range` header (RFC 9110, 14.1.2): undefined for one that is missing or ignored, such as several ranges, and
 * `unsatisfiable` for a range outside of the file.
 */
export function parseByteRange(
  header: string | undefined,
  size: number,
): BytePart | "unsatisfiable" | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? "");
  if (match === null || match[0] === "bytes=-") return undefined;
  const [, first = "", last = ""] = match;
  if (first === "") {
    const length = Math.min(Number(last), size);
    return length === 0 ? "unsatisfiable" : { start: size - length, end: size };
  }
  const start = Number(first);
  if (start >= size) return "unsatisfiable";
  if (last !== "" && Number(last) < start) return undefined;
  return { start, end: last === "" ? size : Math.min(size, Number(last) + 1) };
}

/** What an image is sent as, whatever its files are called: with `nosniff`, a browser neither shows nor runs it. */
const DATA = "application/octet-stream";

/** The media type of a file of the page. */
export function contentType(name: string): string {
  return TYPES.get(extname(name).toLowerCase()) ?? DATA;
}

const TYPES: ReadonlyMap<string, string> = new Map([
  [".html", "text/html; charset=utf-8"],
  [".js", "text/javascript; charset=utf-8"],
  [".css", "text/css; charset=utf-8"],
  [".json", "application/json"],
  [".map", "application/json"],
  [".svg", "image/svg+xml"],
  [".png", "image/png"],
  [".wasm", "application/wasm"],
  [".webmanifest", "application/manifest+json"],
]);
