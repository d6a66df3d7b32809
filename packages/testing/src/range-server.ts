import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { listenLocally } from "./local-server.js";

/** A defect of a server. */
export type ServerFault =
  /** Ignores ranges: answers 200 with the whole file. */
  | "no-ranges"
  /** Sends the range shifted by one byte, with a matching `Content-Range`. */
  | "shifted"
  /** Sends half of the range, with a matching `Content-Range`. */
  | "short"
  /** Closes the connection in the middle of every second body. */
  | "cut"
  /** Answers 206 with a web page of the right length. */
  | "web-page"
  /** The same, with the content type of an archive. */
  | "disguised-web-page"
  /** From the fourth request on, serves another file of the same length with another ETag. */
  | "replaced"
  /** The same, without an ETag. */
  | "silently-replaced"
  /** Declares a `Content-Encoding`. */
  | "compressed"
  /** Answers every second request with 503, the first one included. */
  | "busy"
  /** Ignores suffix ranges. */
  | "no-suffix"
  /** Refuses HEAD with 405. */
  | "no-head"
  | "not-found"
  | "forbidden";

type AnswerHeaders = Readonly<Record<string, string>>;

/** How a server behaves. */
export interface RangeServerOptions {
  readonly fault?: ServerFault;
  /** Milliseconds before each response, or a function of the number of the request, from 1. */
  readonly latency?: number | ((n: number) => number);
  /** The paths with the fault; all by default. */
  readonly faultAt?: (path: string) => boolean;
  /** Selects requests to answer with 403. */
  readonly forbidden?: (path: string, request: IncomingMessage) => boolean;
  /** The status for missing paths: 404 by default; buckets that do not allow listing answer 403. */
  readonly missing?: number;
  /** Further headers of every response, or a function of the request. */
  readonly headers?: AnswerHeaders | ((request: IncomingMessage) => AnswerHeaders);
}

/** A request that the server has received. */
export interface ServedRequest {
  readonly path: string;
  readonly method: string;
  readonly range: string | undefined;
  readonly headers: IncomingMessage["headers"];
  /** Bytes of the body that was sent. */
  bytes: number;
}

/** A running server, which records its requests. */
export interface RangeServer extends AsyncDisposable {
  readonly url: string;
  readonly requests: ServedRequest[];
  /** Number of requests being answered. */
  readonly inFlight: number;
  /** The highest number of requests answered at the same time. */
  readonly maxInFlight: number;
  close(): Promise<void>;
}

/**
 * Starts a local server that answers ranges, as a plain web server or bucket does, and records its requests.
 *
 * @param content the bytes of `/image.ozx`, or a function that returns the bytes of a path; undefined for a missing one
 */
export async function startRangeServer(
  content: Uint8Array | ((path: string) => Uint8Array | undefined),
  { fault, faultAt, forbidden, latency = 0, headers = {}, missing = 404 }: RangeServerOptions = {},
): Promise<RangeServer> {
  const requests: ServedRequest[] = [];
  let inFlight = 0;
  let maxInFlight = 0;
  let faultyCount = 0;
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent((request.url ?? "").replace(/[?#].*/, ""));
    const bytes = typeof content === "function" ? content(path) : content;
    const served = {
      path,
      method: request.method ?? "",
      range: request.headers.range,
      headers: request.headers,
      bytes: 0,
    };
    requests.push(served);
    maxInFlight = Math.max(maxInFlight, ++inFlight);
    response.on("close", () => inFlight--);
    const wait = typeof latency === "function" ? latency(requests.length) : latency;
    if (wait > 0) await pause(wait, response);
    if (response.destroyed) return;
    const further = typeof headers === "function" ? headers(request) : headers;
    for (const [name, value] of Object.entries(further)) response.setHeader(name, value);
    if (forbidden?.(path, request) || request.method === "OPTIONS") {
      response.writeHead(403).end();
      return;
    }
    if (bytes === undefined) {
      response.writeHead(missing).end();
      return;
    }
    const isFaulty = faultAt?.(path) !== false;
    if (isFaulty) faultyCount++;
    answer({ bytes, fault: isFaulty ? fault : undefined, request, response, served, count: faultyCount });
  });
  const { origin, ...closing } = await listenLocally(server);
  return {
    url: `${origin}/image.${typeof content === "function" ? "zarr" : "ozx"}`,
    requests,
    get inFlight() {
      return inFlight;
    },
    get maxInFlight() {
      return maxInFlight;
    },
    ...closing,
  };
}

/** Waits, but not after the client has disconnected. */
function pause(ms: number, response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    response.once("close", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

interface Exchange {
  readonly bytes: Uint8Array;
  readonly fault: ServerFault | undefined;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly served: ServedRequest;
  /** Number of this request, from 1. */
  readonly count: number;
}

function answer({ bytes, fault, request, response, served, count }: Exchange): void {
  const refusal = refusalOf(fault, request, count);
  if (refusal !== undefined) {
    response.writeHead(refusal).end();
    return;
  }
  const replaced = (fault === "replaced" || fault === "silently-replaced") && count >= 4;
  const file = replaced ? bytes.map((byte) => byte ^ 0x55) : bytes;
  if (fault !== "silently-replaced") response.setHeader("ETag", replaced ? '"two"' : '"one"');
  if (fault === "compressed") response.setHeader("Content-Encoding", "br");
  response.setHeader("Accept-Ranges", "bytes");
  if (!response.hasHeader("Content-Type")) {
    response.setHeader("Content-Type", fault === "web-page" ? "text/html; charset=utf-8" : "application/zip");
  }
  const range = fault === "no-ranges" ? undefined : parseRange(request.headers.range, file.length, fault);
  if (range === "unsatisfiable") {
    response.writeHead(416, { "Content-Range": `bytes */${file.length}` }).end();
    return;
  }
  let [start, end] = range ?? [0, file.length];
  if (range !== undefined) {
    if (fault === "shifted" && count > 1) [start, end] = [start + 1, Math.min(end + 1, file.length)];
    if (fault === "short" && count > 1) end = start + Math.ceil((end - start) / 2);
    response.setHeader("Content-Range", `bytes ${start}-${end - 1}/${file.length}`);
  }
  const isPage = (fault === "web-page" || fault === "disguised-web-page") && count > 1;
  const body = isPage ? pageOf(end - start) : file.subarray(start, end);
  response.writeHead(range === undefined ? 200 : 206, { "Content-Length": body.length });
  if (request.method === "HEAD") {
    response.end();
  } else if (fault === "cut" && count % 2 === 0) {
    served.bytes = Math.floor(body.length / 2);
    response.write(body.subarray(0, served.bytes), () => response.destroy());
  } else {
    served.bytes = body.length;
    response.end(body);
  }
}

function refusalOf(
  fault: ServerFault | undefined,
  { method }: IncomingMessage,
  count: number,
): number | undefined {
  if (fault === "not-found") return 404;
  if (fault === "forbidden") return 403;
  if (fault === "busy" && count % 2 === 1) return 503;
  return fault === "no-head" && method === "HEAD" ? 405 : undefined;
}

/** Start and end (exclusive) of the range; undefined without one, and for ranges that the server ignores. */
function parseRange(
  header: string | undefined,
  size: number,
  fault: ServerFault | undefined,
): [number, number] | "unsatisfiable" | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? "");
  if (match === null) return undefined;
  const [, first = "", last = ""] = match;
  if (first === "") return fault === "no-suffix" ? undefined : [Math.max(0, size - Number(last)), size];
  if (Number(first) >= size) return "unsatisfiable";
  return [Number(first), last === "" ? size : Math.min(size, Number(last) + 1)];
}

function pageOf(length: number): Uint8Array {
  return new TextEncoder()
    .encode("<!doctype html><title>Slow down</title>".padEnd(length, " "))
    .subarray(0, length);
}
