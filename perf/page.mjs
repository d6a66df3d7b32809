// The page in Chromium: opening files, moving about, and beside vizarr: node perf/page.mjs --help
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describeMachine } from "./lib/machine.mjs";
import { readOptions } from "./lib/options.mjs";
import { launchChromium, memoryOf, PAGE, serveFolder } from "./lib/page-browser.mjs";
import { makeNoisyImage } from "./lib/page-images.mjs";
import { drag, isComplete, isQuiet, middle, openFile, openTab } from "./lib/page-tab.mjs";
import { formatTable, median } from "./lib/table.mjs";
import { openWorkspace } from "./lib/workspace.mjs";

const HELP = `node perf/page.mjs [options]
  --case a,b     "file" to picture; an image of 4 × 16384 × 16384 on a "server" 50 ms away, opened, zoomed and moved; frames
                 while it is "moved"; "memory" over 40 screens; a "folder" of 100,000 chunks (all of them)
  --rounds N     rounds; each image is opened once per round, in a new page (3)
  --size N       pixels along y and x of each file (8192)
  --scale X      part of the image on the server along y and x, and of the chunks of the folder (1)
  --vizarr PATH  the folder "static" of the npm package @galaxyproject/vizarr, which then opens the same folder
  --dir PATH     folder for the images, which are kept for later runs

Needs a built page (npm run build) and Chromium. Times are from choosing the file to the picture being complete.`;

const options = readOptions(
  {
    case: { type: "string", default: "file,server,moved,memory,folder" },
    rounds: { type: "string", default: "3" },
    size: { type: "string", default: "8192" },
    scale: { type: "string", default: "1" },
    vizarr: { type: "string" },
    dir: { type: "string" },
  },
  HELP,
);
const rounds = Number(options.rounds);
const size = Number(options.size);
const scale = Number(options.scale);

console.log(`${describeMachine()}\n${rounds} rounds\n`);
const workspace = openWorkspace(options.dir);
const page = await serveFolder(PAGE);
const browser = await launchChromium();
const CASES = {
  file: fromFile,
  server: onServer,
  moved: whileMoved,
  memory: overScreens,
  folder: fromFolder,
};
for (const name of options.case.split(",")) await CASES[name]();
await browser.close();
await page.close();
if (options.dir === undefined) rmSync(workspace, { recursive: true, force: true });

async function fromFile() {
  const images = [];
  for (const [name, side, chunks, codec, goal] of [
    ["10 MB, chunks of 512 × 512", 2240, [512, 512], "blosc:lz4:5:shuffle", "1.5 s"],
    ["one chunk", size, [size, size], "blosc:lz4:5:shuffle", "2 s"],
    ["one chunk", size, [size, size], "zstd:3", "2 s"],
    ["rows of one pixel", size, [1, size], "blosc:lz4:5:shuffle", "2 s"],
    ["chunks of 512 × 512", size, [512, 512], "blosc:lz4:5:shuffle", ""],
  ]) {
    const path = join(workspace, `${name.replaceAll(/\W+/g, "-")}-${codec.split(":", 1)}-${side}.ozx`);
    const image = { axes: ["y", "x"], shape: [side, side], chunks, codec, levels: 1 };
    if (!existsSync(path)) await makeNoisyImage(path, image);
    images.push({ name, codec, goal, path, seconds: [] });
  }
  for (let round = 0; round <= rounds; round++) {
    for (const { path, seconds } of images) {
      const tab = await openTab(browser, page.url);
      const started = performance.now();
      await openFile(tab, path);
      // The first round fills the caches.
      if (round > 0) seconds.push((performance.now() - started) / 1000);
      await tab.close();
    }
  }
  const rows = images.map(({ name, codec, goal, seconds }) => [
    name,
    codec,
    median(seconds).toFixed(2),
    goal,
  ]);
  console.log(`${formatTable(["file to picture", "codec", "median s", "goal"], rows)}\n`);
}

/**
 * Requests and bytes of the same image: opened, zoomed in on the middle, and moved by the width of the picture. The package
 * of vizarr has no codecs, so the image that both open has none.
 */
async function onServer() {
  const plain = await largeImage("none");
  const packed = await largeImage("blosc:lz4:5:shuffle");
  const rows = [];
  for (const [title, name] of [
    ["ozx, .ozx, blosc", packed.archive],
    ["ozx, .ozx", plain.archive],
    ["ozx, .zarr", plain.folder],
  ]) {
    const open = async (image) => {
      const tab = await openTab(browser, `${page.url}?source=${encodeURIComponent(image)}`);
      await isComplete(tab);
      return tab;
    };
    rows.push(await counted(title, name, open));
  }
  if (options.vizarr !== undefined) rows.push(await counted("vizarr, .zarr", plain.folder, openInVizarr));
  console.log(`4 × ${plain.side} × ${plain.side} uint16 on a server 50 ms away: requests, and MB\n`);
  console.log(`${formatTable(["", "opened", "MB", "zoomed", "MB", "moved", "MB"], rows)}\n`);
}

/** As Galaxy does, for which the package is made: it asks a server where the image is. */
async function openInVizarr(image) {
  const incoming = JSON.stringify({ root: "/", visualization_config: { dataset_id: "1" } });
  const dataset = { id: "1", name: "large", state: "deferred", sources: [{ source_uri: image }] };
  const answers = new Map([["/api/datasets/1", JSON.stringify(dataset)]]);
  const vizarr = await serveFolder(options.vizarr, { answers });
  const tab = await browser.newPage({ viewport: await stageSize() });
  tab.once("close", () => vizarr.close());
  // It imports a decoder of JPEG 2000 from a server, which nothing here needs.
  await tab.route(/^https:/, (route) =>
    route.fulfill({
      contentType: "text/javascript",
      headers: { "Access-Control-Allow-Origin": "*" },
      body: "export class JpxImage {}",
    }),
  );
  await tab.addInitScript((text) => {
    document.addEventListener("readystatechange", () => {
      document.querySelector("#app")?.setAttribute("data-incoming", text);
    });
  }, incoming);
  await tab.goto(vizarr.url);
  await tab.locator("canvas").first().waitFor();
  return tab;
}

async function counted(title, name, open) {
  const server = await serveFolder(workspace, { latency: 50 });
  const cells = [title];
  const tab = await open(`${server.url}${name}`);
  const count = async () => {
    await isQuiet(server.counts);
    cells.push(String(server.counts.requests), (server.counts.bytes / 1e6).toFixed(2));
    Object.assign(server.counts, { requests: 0, bytes: 0 });
  };
  await count();
  const [x, y] = await middle(tab);
  await tab.mouse.move(x, y);
  // To about a pixel of the image for one of the screen.
  for (let step = 0; step < 2.5 * Math.log2(16 * scale); step++) {
    await tab.mouse.wheel(0, -100);
    await tab.waitForTimeout(50);
  }
  await count();
  await drag(tab, 2);
  await count();
  await tab.screenshot({ path: join(workspace, `${title.replaceAll(/\W+/g, "-")}.png`) });
  await tab.close();
  await server.close();
  return cells;
}

/** Opens a file of the workspace in a new tab, and zooms in on its middle. */
async function openZoomedIn(archive) {
  const tab = await openTab(browser, page.url);
  await openFile(tab, join(workspace, archive));
  await tab.mouse.move(...(await middle(tab)));
  for (let step = 0; step < 8; step++) await tab.mouse.wheel(0, -100);
  await isComplete(tab);
  return tab;
}

/** How long frames take while the picture is dragged, also in vizarr: of the image without codec from a server. */
async function whileMoved() {
  const { side, archive } = await largeImage("blosc:lz4:5:shuffle");
  const rows = [["ozx", ...(await framesWhileDragged(await openZoomedIn(archive)))]];
  if (options.vizarr !== undefined) {
    const { folder } = await largeImage("none");
    const server = await serveFolder(workspace);
    const tab = await openInVizarr(`${server.url}${folder}`);
    await isQuiet(server.counts);
    await tab.mouse.move(...(await middle(tab)));
    for (let step = 0; step < 8; step++) await tab.mouse.wheel(0, -100);
    await isQuiet(server.counts);
    rows.push(["vizarr", ...(await framesWhileDragged(tab))]);
    await server.close();
  }
  console.log(
    `Frames while an image of 4 × ${side} × ${side} is dragged, ms (goal: median 20, 95 of 100 in 50)\n`,
  );
  console.log(`${formatTable(["", "frames", "median", "95 of 100", "longest"], rows)}\n`);
}

async function framesWhileDragged(tab) {
  await tab.evaluate(() => {
    window.frames_ = [];
    let last = performance.now();
    const next = (now) => {
      window.frames_.push(now - last);
      last = now;
      requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  });
  await drag(tab, 6);
  const frames = (await tab.evaluate(() => window.frames_)).sort((a, b) => a - b);
  await tab.close();
  const at = (part) => frames[Math.floor(frames.length * part)].toFixed(1);
  return [String(frames.length), at(0.5), at(0.95), frames.at(-1).toFixed(1)];
}

/** The memory of the browser after the first screen, and after 40. */
async function overScreens() {
  const { archive } = await largeImage();
  const tab = await openZoomedIn(archive);
  await tab.waitForTimeout(1000);
  const first = await memoryOf(browser);
  const after = [];
  // Row by row, so that each screen is new.
  const row = (length, direction) => Array(length).fill(direction);
  const directions = [...row(7, 0), 1, ...row(15, 2), 1, ...row(15, 0), 1];
  for (const [at, direction] of directions.entries()) {
    await drag(tab, 1, direction);
    await isComplete(tab);
    if ((at + 1) % 10 === 0) after.push(await memoryOf(browser));
  }
  const cells = [first, ...after].map((mebibytes) => mebibytes.toFixed(0));
  console.log("Memory of the browser in MiB (goal: 1.3 × that after the first screen)\n");
  console.log(
    `${formatTable(["first screen", "10", "20", "30", "40", "×"], [[...cells, (after.at(-1) / first).toFixed(2)]])}\n`,
  );
  await tab.close();
}

/** A folder of very many files, from the moment the browser hands it to the page. */
async function fromFolder() {
  const chunks = Math.round(100_000 * scale);
  const side = Math.ceil(Math.sqrt(chunks));
  const folder = join(workspace, `many-${side}.zarr`);
  if (!existsSync(folder)) {
    const image = {
      axes: ["y", "x"],
      shape: [64 * side, 64 * side],
      chunks: [64, 64],
      codec: "blosc:lz4:5:shuffle",
    };
    await makeNoisyImage(folder, { ...image, levels: 1 });
  }
  const tab = await openTab(browser, page.url);
  tab.setDefaultTimeout(300_000);
  await tab.evaluate(() => {
    document.addEventListener("change", () => (window.chosen_ = performance.now()), { capture: true });
  });
  await tab.getByTestId("folder-input").first().setInputFiles(folder);
  await isComplete(tab);
  const seconds = (await tab.evaluate(() => performance.now() - window.chosen_)) / 1000;
  console.log(`A folder of ${side * side} chunks to its picture: ${seconds.toFixed(1)} s (goal: 20 s)\n`);
  await tab.close();
}

/** The large image with a codec, and its names as an archive and as a folder. */
async function largeImage(codec = "blosc:lz4:5:shuffle") {
  const side = Math.round(16 * scale) * 1024;
  const [archive, folder] = ["ozx", "zarr"].map((end) => `large-${side}-${codec.split(":", 1)}.${end}`);
  for (const name of [archive, folder]) {
    const image = { axes: ["c", "y", "x"], shape: [4, side, side], chunks: [1, 512, 512], codec };
    if (!existsSync(join(workspace, name))) await makeNoisyImage(join(workspace, name), image);
  }
  return { side, archive, folder };
}

/** The size of the picture in our page, which a window of vizarr's gets, so that both show as many pixels. */
async function stageSize() {
  const { archive } = await largeImage();
  const tab = await openTab(browser, page.url);
  await openFile(tab, join(workspace, archive));
  const { width, height } = await tab.locator(".stage").first().boundingBox();
  await tab.close();
  return { width: Math.round(width), height: Math.round(height) };
}
