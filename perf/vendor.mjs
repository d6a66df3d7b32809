// Converting and opening microscopes' own formats, compared with packing a folder of the same chunks: node perf/vendor.mjs --help
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openOmeZarr } from "../packages/cli/dist/index.js";
import { loadCodecs } from "../packages/core/dist/bundled/codecs.js";
import { compare as compareOpening } from "./lib/compare.mjs";
import { openConvertBench, PYTHON, zarrPython } from "./lib/convert-bench.mjs";
import { startSlowServer } from "./lib/slow-server.mjs";
import { writeCzi } from "./peers/czi-file.mjs";
import { writeNd2 } from "./peers/nd2-file.mjs";

const { scale, cases, workspace, convert, compare } = openConvertBench(
  "vendor",
  "the 512 planes of 1024 × 1024 uint16 (1 GB), and of the 100,000 subblocks",
  ["czi", "nd2", "zstd", "mosaic", "open"],
);

const SIDE = 1024;
const planes = Math.max(4, Math.round(512 * scale));
const title = `${planes} planes of 1024 × 1024 uint16`;

/** A plane that compresses as images do: a smooth part with noise. */
function planeOf(t) {
  const pixels = new Uint16Array(SIDE * SIDE);
  let state = 2654435761 ^ t;
  for (let k = 0; k < pixels.length; k++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    pixels[k] = 400 + ((k >> 10) + (k & 1023) + 17 * t) / 4 + (state >>> 27);
  }
  return new Uint8Array(pixels.buffer);
}

/** Low bytes first, and then high ones. */
function packed(bytes) {
  const half = bytes.length / 2;
  return new Uint8Array(bytes.length).map((_, k) => (k < half ? bytes[2 * k] : bytes[2 * (k - half) + 1]));
}

const { zstd } = await loadCodecs();
const hasCzifile = spawnSync(PYTHON, ["-c", "import czifile, zarr"]).status === 0;
const isCase = (name) => cases.includes(name);
const few = await Promise.all(
  Array.from({ length: 16 }, async (_, t) => {
    const frame = await zstd.encode(packed(planeOf(t)), { level: 3 });
    return new Uint8Array([3, 1, 1, ...frame]);
  }),
);
const stack = (t) => [
  ["X", 0, SIDE],
  ["Y", 0, SIDE],
  ["C", 0, 1],
  ["Z", 0, 1],
  ["T", t, 1],
];
/** Tiles of 256 that overlap by a tenth. */
const mosaic = (k) => [
  ["X", 230 * (k % 64), 256],
  ["Y", 230 * Math.floor(k / 64), 256],
  ["M", k, 1],
];
const fileOf = (name, tiles) => {
  const path = join(workspace, `${name}-${planes}.czi`);
  if (!existsSync(path)) writeCzi(path, { count: planes, ...tiles });
  return path;
};

/** A folder with the chunks of a file as they are copied. */
function folderOf(path) {
  const folder = path.replace(/\.\w+$/, ".zarr");
  if (existsSync(folder)) return folder;
  const [command, ...args] = convert(path, folder.replace(/\.zarr$/, ""));
  execFileSync(
    command,
    args.map((arg) => arg.replace(/\.ozx$/, ".zarr")),
  );
  return folder;
}

if (isCase("czi")) {
  const raw = fileOf("raw", { compression: 0, dimensionsOf: stack, pixelsOf: planeOf });
  await compare(`A folder and a CZI that is not compressed, ${title}`, folderOf(raw), [
    { name: "CZI", run: (out) => convert(raw, out) },
  ]);
}
if (isCase("nd2")) {
  const path = join(workspace, `frames-${planes}.nd2`);
  if (!existsSync(path)) writeNd2(path, { count: planes, side: SIDE, pixelsOf: planeOf });
  await compare(`A folder and an ND2 that is not compressed, ${title}`, folderOf(path), [
    { name: "ND2", run: (out) => convert(path, out) },
  ]);
}
if (isCase("zstd")) {
  if (!hasCzifile)
    console.log("czifile and zarr-python are not installed for Python 3.12: they are left out\n");
  const frames = fileOf("zstd1", { compression: 6, dimensionsOf: stack, pixelsOf: (t) => few[t % 16] });
  await compare(`A folder and a CZI of Zstandard, ${title}`, folderOf(frames), [
    { name: "CZI", run: (out) => convert(frames, out) },
    { name: "CZI to zstd:3", run: (out) => convert(frames, out, "--codec", "zstd:3") },
    { name: "CZI to none", run: (out) => convert(frames, out, "--codec", "none") },
    ...["zstd", "none"].flatMap((codec) => czifile(frames, codec)),
  ]);
}
if (isCase("mosaic")) {
  const overlapping = fileOf("mosaic", {
    count: planes * 16,
    compression: 0,
    dimensionsOf: mosaic,
    pixelsOf: (k) => planeOf(k % 4).subarray(0, 256 * 256 * 2),
  });
  await compare(
    `A folder and a mosaic that is put together, ${planes * 16} tiles of 256 × 256 uint16`,
    folderOf(overlapping),
    [{ name: "CZI", run: (out) => convert(overlapping, out) }],
  );
}
if (isCase("open")) await compareOpenings();

/** czifile and zarr-python as a contender, where they are installed: czifile that knows Zstandard needs Python 3.12. */
function czifile(path, codec) {
  if (!hasCzifile) return [];
  const peers = zarrPython("czi_recode.py", path, String(availableParallelism()), codec);
  return peers.map(({ run }) => ({ name: `czifile and zarr-python to ${codec}`, run }));
}

async function compareOpenings() {
  const subblocks = Math.round(100_000 * scale);
  const many = join(workspace, `${subblocks}-subblocks.czi`);
  if (!existsSync(many)) {
    const pixels = new Uint8Array(512);
    writeCzi(many, {
      count: subblocks,
      compression: 0,
      pixelsOf: () => pixels,
      dimensionsOf: (k) => [
        ["X", 15 * (k % 250), 16],
        ["Y", 15 * Math.floor(k / 250), 16],
        ...["Z", "C", "T", "R", "S", "B"].map((name) => [name, 0, 1]),
        ["M", k, 1],
      ],
    });
  }
  const peer = fileURLToPath(new URL("peers/open-tiff.mjs", import.meta.url));
  await compareOpening(
    `Opening a CZI of ${subblocks.toLocaleString("en")} subblocks`,
    [
      { name: "node", run: () => [process.execPath, "-e", ""] },
      { name: "ozx", run: () => [process.execPath, peer, many] },
    ],
    { baseline: "node", rounds: 3, workspace },
  );

  const server = await startSlowServer(many, 0);
  const node = await openOmeZarr(server.url);
  await node.close();
  console.log(`Opening it over HTTP: ${server.counts.requests} requests, ${server.counts.bytes} bytes`);
  await server.close();
}
