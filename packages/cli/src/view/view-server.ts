import { randomBytes } from "node:crypto";
import { readFile, realpath, stat } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { basename } from "node:path";
import { UnreadableError, UsageError } from "@ozx/core";
import { countOpenPages, type OpenPages } from "./open-pages.js";
import { type PageFiles, within } from "./page-files.js";
import type { RemoteSource } from "./remote-source.js";
import { contentType, refuse, sendBytes, sendFile, sendRemote } from "./send-bytes.js";

export interface ViewServerOptions {
  /** The built page. */
  readonly page: PageFiles;
  /** The file or folder to serve; undefined where the page reads an address. */
  readonly path?: string | undefined;
  /** A file or folder on a server to relay, instead of a path. */
  readonly remote?: RemoteSource | undefined;
  /** Any free port where it is 0. */
  readonly port?: number | undefined;
  /** How long a connection may take to send a request, in milliseconds; 30 s by default. Then it is closed. */
  readonly requestTimeout?: number | undefined;
  /** Called with errors while `remote` is relayed. */
  readonly onError?: ((error: unknown) => void) | undefined;
  /** Called whenever the page itself is sent. */
  readonly onPage?: (() => void) | undefined;
  /** Called when all pages whose address has `once` are closed, after there was one. */
  readonly onClosed?: (() => void) | undefined;
}

export interface ViewServer extends AsyncDisposable {
  /** The address of the page, with the token: whoever knows it can read the file. */
  readonly url: string;
  /** The address of the file or folder. */
  readonly sourceUrl: string | undefined;
  close(): Promise<void>;
}

/**
 * Serves the page and one file or folder to this computer only: on 127.0.0.1, below a path that cannot be guessed,
 * without directory listings, and not to pages of other origins (no CORS).
 *
 * @throws UsageError when the port is in use
 * @throws UnreadableError when the path is neither a file nor a folder; a system error when nothing is there
 */
export async function startViewServer({
  page,
  path,
  remote,
  port = 0,
  requestTimeout = REQUEST_TIMEOUT,
  onError = () => {},
  onPage = () => {},
  onClosed = () => {},
}: ViewServerOptions): Promise<ViewServer> {
  const token = randomBytes(18).toString("base64url");
  const source = remote ?? (path === undefined ? undefined : await servedSource(path));
  const policy = await policyOf(page);
  const pages = countOpenPages(onClosed);
  const timeouts = {
    headersTimeout: requestTimeout,
    requestTimeout,
    connectionsCheckingInterval: requestTimeout / CHECKS,
  };
  const server = createServer(timeouts, (request, response) => {
    const served = { token, page, pages, policy, source, onError, onPage, hosts: hostsOf(server.address()) };
    answer(served, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(portFailure(error, port)));
    server.listen(port, "127.0.0.1", resolve);
  });
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/${token}/`;
  return {
    url,
    sourceUrl: source && `${url}data/${encodeURIComponent(source.name)}`,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Pages send their requests at once; what keeps a connection open without one is no page. */
const REQUEST_TIMEOUT = 30_000;
/** How often connections are checked in that time. */
const CHECKS = 10;

interface LocalSource {
  readonly name: string;
  /** With links resolved. */
  readonly path: string;
  readonly isFolder: boolean;
}

interface Served {
  readonly token: string;
  readonly page: PageFiles;
  readonly pages: OpenPages;
  /** The content security policy of the page's files. */
  readonly policy: string;
  readonly source: LocalSource | RemoteSource | undefined;
  readonly onError: (error: unknown) => void;
  readonly onPage: () => void;
  /** The valid `Host` headers: any other one is an attack by DNS rebinding. */
  readonly hosts: readonly string[];
}

async function servedSource(path: string): Promise<LocalSource> {
  const real = await realpath(path);
  const found = await stat(real);
  if (!found.isFile() && !found.isDirectory()) {
    throw new UnreadableError(`${path} is neither a file nor a folder`, { location: path });
  }
  const name = basename(path.replace(/[/\\]+$/, "")) || basename(real) || "image";
  return {
    name: name === "." || name === ".." ? basename(real) : name,
    path: real,
    isFolder: found.isDirectory(),
  };
}

function hostsOf(address: AddressInfo | string | null): string[] {
  if (address === null || typeof address === "string") return [];
  const names = ["127.0.0.1", "localhost"];
  // Clients leave out the default port of http.
  return [...names.map((name) => `${name}:${address.port}`), ...(address.port === 80 ? names : [])];
}

async function answer(
  { token, page, pages, policy, source, onError, onPage, hosts }: Served,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  for (const [name, value] of HEADERS) response.setHeader(name, value);
  // DNS rebinding: a foreign page whose name resolves to this computer sends its own name.
  if (!hosts.includes(request.headers.host?.toLowerCase() ?? "")) return refuse(response, 403);
  if (request.method !== "GET" && request.method !== "HEAD") return refuse(response, 405);
  const segments = segmentsOf(request.url ?? "/");
  if (segments?.[0] !== token) return refuse(response, 404);
  const rest = segments.slice(1);
  if (rest[0] === "data") {
    if (source === undefined || rest[1] !== source.name) return refuse(response, 404);
    if ("find" in source) return sendRemote(source, request, response, { path: rest.slice(2), onError });
    const path = await sourceFile(source, rest.slice(2));
    if (path === undefined) return refuse(response, 404);
    return sendFile(path, request, response, { rangesOnly: !source.isFolder, cache: "no-store" });
  }
  if (rest.join("/") === "open") return pages.add(response);
  const file = rest.join("/") || "index.html";
  // A service worker would cache a page whose address is gone by the next run.
  if (NOT_SERVED.has(file)) return refuse(response, 404);
  const found = await page.find(file);
  if (found === undefined) return refuse(response, 404);
  response.setHeader("Content-Security-Policy", policy);
  if (file === "index.html") onPage();
  const options = { cache: "no-cache", type: contentType(file) };
  if (typeof found === "string") return sendFile(found, request, response, options);
  sendBytes(found, request, response, options);
}

/** Of every answer; files of the page have a policy of their own. */
const HEADERS: readonly (readonly [string, string])[] = [
  ["X-Content-Type-Options", "nosniff"],
  // The token must not reach the servers that a page links to.
  ["Referrer-Policy", "no-referrer"],
  ["Cross-Origin-Resource-Policy", "same-origin"],
  ["Cross-Origin-Opener-Policy", "same-origin"],
  ["X-Frame-Options", "DENY"],
  // What an image's folder holds is never a page of this origin.
  ["Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox"],
];

/** The policy that the page declares itself, for its workers as well, and what only a header can say. */
async function policyOf(page: PageFiles): Promise<string> {
  const found = (await page.find("index.html")) ?? new Uint8Array();
  const text = typeof found === "string" ? await readFile(found, "utf8") : new TextDecoder().decode(found);
  const [, declared] = /<meta http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(text) ?? [];
  return `${declared ?? "default-src 'self'"}; frame-ancestors 'none'`;
}

const NOT_SERVED: ReadonlySet<string> = new Set(["service-worker.js"]);

/** The decoded segments of a request's path; undefined where it is malformed. */
function segmentsOf(url: string): string[] | undefined {
  try {
    // Without URL, which would resolve ".." before it is checked.
    return url.split(/[?#]/, 1)[0]?.slice(1).split("/").map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

async function sourceFile(
  { path, isFolder }: LocalSource,
  rest: readonly string[],
): Promise<string | undefined> {
  if (!isFolder) return rest.length === 0 ? path : undefined;
  return within(path, rest.join("/"));
}

function portFailure(error: NodeJS.ErrnoException, port: number): Error {
  if (error.code !== "EADDRINUSE" && error.code !== "EACCES") return error;
  const why = error.code === "EADDRINUSE" ? "is in use" : "may not be used";
  return new UsageError(`port ${port} ${why}: give another one, or leave out --port for any free one`);
}
