import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll } from "vitest";

const BUILT = fileURLToPath(new URL("../../dist/", import.meta.url));

/** Never called: the page is built from these, so `npm test -- --changed` has tests of it follow their imports. */
export const builtFrom = (): Promise<unknown>[] => [
  import("../../src/main.js"),
  import("../../src/workers/worker.js"),
];

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".json": "application/json",
  ".webmanifest": "application/manifest+json",
  ".wasm": "application/wasm",
};

export interface ServedPage extends AsyncDisposable {
  readonly url: string;
}

/** Serves the page at one address for all tests of a file, so that the browser caches it between them. */
export function pageServer(): { readonly url: string } {
  let served: ServedPage | undefined;
  beforeAll(async () => {
    served = await servePage();
  });
  afterAll(() => served?.[Symbol.asyncDispose]());
  return {
    get url() {
      if (served === undefined) throw new Error("the page is served only while tests run");
      return served.url;
    },
  };
}

/**
 * Serves the built page on a free port, as any static server would.
 *
 * @param missing paths that are answered with 404
 * @throws Error when the page is not built
 */
export async function servePage(missing?: RegExp): Promise<ServedPage> {
  await readFile(join(BUILT, "index.html")).catch(() => {
    throw new Error("the page is not built: run npm run build");
  });
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://page");
    const path = normalize(pathname === "/" ? "/index.html" : decodeURIComponent(pathname));
    const body = missing?.test(path) ? undefined : await readFile(join(BUILT, path)).catch(() => undefined);
    if (body === undefined) return response.writeHead(404).end();
    return response
      .writeHead(200, { "Content-Type": TYPES[extname(path)] ?? "application/octet-stream" })
      .end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
