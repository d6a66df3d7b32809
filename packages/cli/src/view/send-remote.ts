import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { parseByteRange } from "./byte-range.js";
import { contentType } from "./content-types.js";
import type { RemoteSource } from "./remote-source.js";
import { refuse } from "./send-file.js";

/** How much is asked for, and in memory, at once. */
const PIECE = 1024 * 1024;

/**
 * Answers `GET` and `HEAD` with what a source on a server has at a path, with ranges; of a file never all of it. What
 * goes wrong there is 502 here, and said to `onError`.
 */
export async function sendRemote(
  source: RemoteSource,
  path: readonly string[],
  request: IncomingMessage,
  response: ServerResponse,
  onError: (error: unknown) => void,
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
    response.setHeader("Content-Type", contentType(path.at(-1) ?? source.name));
    const part = parseByteRange(request.headers.range, size);
    if (part === "unsatisfiable") {
      response.setHeader("Content-Range", `bytes */${size}`);
      return refuse(response, 416);
    }
    const isHead = request.method === "HEAD";
    if (part === undefined && !source.isFolder && !isHead) return refuse(response, 403);
    const { start, end } = part ?? { start: 0, end: size };
    // Not before the first piece is there: until then, the answer may still be another one.
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
