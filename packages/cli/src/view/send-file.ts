import { createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { parseByteRange } from "./byte-range.js";
import { contentType } from "./content-types.js";

export interface SendOptions {
  /** Refuse to send the whole file: who wants all of an image that is larger than memory asked by mistake. */
  readonly rangesOnly?: boolean;
  /** For `Cache-Control`. */
  readonly cache: string;
}

/** Answers `GET` and `HEAD` for a regular file, with ranges; anything else that lies there is not found. */
export async function sendFile(
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
  { rangesOnly = false, cache }: SendOptions,
): Promise<void> {
  const file = await open(path, "r").catch(() => undefined);
  if (file === undefined) return refuse(response, 404);
  try {
    const found = await file.stat({ bigint: true });
    if (!found.isFile()) return refuse(response, 404);
    const size = Number(found.size);
    response.setHeader("Accept-Ranges", "bytes");
    response.setHeader("Cache-Control", cache);
    response.setHeader("Content-Type", contentType(path));
    // A file that changes while it is looked at has another one.
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

/** An answer without a body. */
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
  // A page that asks for something else breaks off what it waits for: no error of anybody.
  await pipeline(body, response).catch(() => response.destroy());
}
