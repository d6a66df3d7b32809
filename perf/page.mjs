// From choosing a file in the page to its picture, in Chromium: node perf/page.mjs --help

import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { delimiter, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createImage } from "ozx";
import { chromium } from "playwright-core";
import { describeMachine } from "./lib/machine.mjs";
import { readOptions } from "./lib/options.mjs";
import { formatTable, median } from "./lib/table.mjs";
import { openWorkspace } from "./lib/workspace.mjs";

const HELP = `node perf/page.mjs [options]
  --rounds N     rounds; each image is opened once per round, in a new page (3)
  --size N       pixels along y and x of each image (8192)
  --dir PATH     folder for the images, which are kept for later runs

Needs a built page (npm run build) and Chromium. Time is from choosing the file to the picture being complete.`;

const options = readOptions(
  {
    rounds: { type: "string", default: "3" },
    size: { type: "string", default: "8192" },
    dir: { type: "string" },
  },
  HELP,
);
const rounds = Number(options.rounds);
const size = Number(options.size);
const BUILT = fileURLToPath(new URL("../packages/web/dist/", import.meta.url));
const TYPES = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".wasm": "application/wasm",
};

console.log(`${describeMachine()}\n${rounds} rounds\n`);
const workspace = openWorkspace(options.dir);
const images = [];
for (const [name, chunks, codec, goal] of [
  ["one chunk", [size, size], "blosc:lz4:5:shuffle", "1.5 s"],
  ["one chunk", [size, size], "zstd:3", "1.5 s"],
  ["rows of one pixel", [1, size], "blosc:lz4:5:shuffle", "2 s"],
  ["chunks of 512 × 512", [512, 512], "blosc:lz4:5:shuffle", ""],
]) {
  const path = join(workspace, `${name.replaceAll(/\W+/g, "-")}-${codec.split(":", 1)}-${size}.ozx`);
  if (!existsSync(path)) await makeImage(path, { chunks, codec });
  images.push({ name, codec, goal, path, seconds: [] });
}

const server = createServer((request, response) => {
  const [path] = new URL(request.url, "http://page").pathname.split("..");
  const file = join(BUILT, path === "/" ? "index.html" : path);
  if (!existsSync(file)) return response.writeHead(404).end();
  response.writeHead(200, { "Content-Type": TYPES[extname(file)] ?? "application/octet-stream" });
  response.end(readFileSync(file));
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const url = `http://127.0.0.1:${server.address().port}/`;

const browser = await chromium.launch({
  executablePath: findChromium(),
  args: ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"],
});
for (let round = 0; round <= rounds; round++) {
  for (const { path, seconds } of images) {
    const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
    page.setDefaultTimeout(120_000);
    await page.goto(url, { waitUntil: "networkidle" });
    const started = performance.now();
    await page.getByTestId("file-input").first().setInputFiles(path);
    await page.locator(".stage[data-complete=true]").waitFor();
    // The first round fills the caches.
    if (round > 0) seconds.push((performance.now() - started) / 1000);
    await page.close();
  }
}
await browser.close();
server.close();
console.log(
  formatTable(
    ["file to picture", "codec", "median s", "goal"],
    images.map(({ name, codec, goal, seconds }) => [name, codec, median(seconds).toFixed(2), goal]),
  ),
);

/** A level of uint16 that packs about two to one. */
async function makeImage(path, { chunks, codec }) {
  const writer = await createImage(path, {
    axes: ["y", "x"],
    shape: [size, size],
    dtype: "uint16",
    chunks,
    codec,
    levels: 1,
  });
  const rows = Math.max(chunks[0], Math.min(size, 512));
  let state = 1;
  for (let y = 0; y < size; y += rows) {
    const data = new Uint16Array(rows * size);
    for (let at = 0; at < data.length; at++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      data[at] = 500 + ((at % size) >> 3) + (state >>> 27);
    }
    await writer.write({ y: [y, y + rows] }, data);
  }
  await writer.close();
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
