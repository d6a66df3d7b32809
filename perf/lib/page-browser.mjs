import { createReadStream, existsSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { delimiter, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const TYPES = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

/** The page as it is built. */
export const PAGE = fileURLToPath(new URL("../../packages/web/dist/", import.meta.url));

/** Chromium that draws in software, as machines without a graphics card do. */
export function launchChromium() {
  return chromium.launch({
    executablePath: findChromium(),
    args: ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"],
  });
}

/**
 * Serves a folder with ranges to every website, `latency` milliseconds after each request, and counts requests and bytes.
 *
 * @param answers more paths, and the text that each gets
 */
export async function serveFolder(folder, { latency = 0, answers = new Map() } = {}) {
  const counts = { requests: 0, bytes: 0 };
  const server = createServer(async (request, response) => {
    response.setHeader("Access-Control-Allow-Origin", "*");
    response.setHeader("Access-Control-Allow-Headers", "*");
    response.setHeader("Access-Control-Expose-Headers", "*");
    if (request.method === "OPTIONS") return response.writeHead(204).end();
    counts.requests++;
    if (latency > 0) await new Promise((resolve) => setTimeout(resolve, latency));
    const path = decodeURIComponent(new URL(request.url, "http://page").pathname);
    const answer = answers.get(path);
    if (answer !== undefined)
      return response.writeHead(200, { "Content-Type": "application/json" }).end(answer);
    const file = join(folder, path.endsWith("/") ? `${path}index.html` : path);
    const info = path.includes("..") ? undefined : statSync(file, { throwIfNoEntry: false });
    if (!info?.isFile()) return response.writeHead(404).end();
    const { from, to, status, headers } = rangeOf(request.headers.range, info.size);
    response.writeHead(status, {
      "Content-Type": TYPES[extname(file)] ?? "application/octet-stream",
      ...headers,
    });
    if (request.method === "HEAD" || from > to) return response.end();
    counts.bytes += to - from + 1;
    createReadStream(file, { start: from, end: to }).pipe(response);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    counts,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function rangeOf(range, size) {
  const [, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/.exec(range ?? "") ?? [];
  const isSuffix = first === "" && last !== "";
  const from = isSuffix ? Math.max(0, size - Number(last)) : Number(first);
  const to = isSuffix || last === "" ? size - 1 : Math.min(size - 1, Number(last));
  const headers = { "Accept-Ranges": "bytes", ETag: `"${size}"`, "Content-Length": to - from + 1 };
  if (range === undefined) return { from, to, status: 200, headers };
  return { from, to, status: 206, headers: { ...headers, "Content-Range": `bytes ${from}-${to}/${size}` } };
}

/** The memory of all processes of a browser in MiB; what they share counts once. */
export async function memoryOf(browser) {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  const kilobytes = processInfo.map(({ id }) => {
    const rollup = readFileSync(`/proc/${id}/smaps_rollup`, "utf8");
    return Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0);
  });
  return kilobytes.reduce((sum, value) => sum + value, 0) / 1024;
}

function findChromium() {
  const names = ["chromium", "chromium-browser", "google-chrome"];
  const found = (process.env.PATH ?? "")
    .split(delimiter)
    .flatMap((folder) => names.map((name) => join(folder, name)))
    .find((path) => existsSync(path));
  if (found === undefined) throw new Error("Chromium is not installed: interop/setup.sh installs it");
  return found;
}
