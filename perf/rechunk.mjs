// Giving an image other chunks, compared with plain packing, zarr-python with dask, and rechunker: node perf/rechunk.mjs --help
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { openConvertBench, PYTHON, zarrPython } from "./lib/convert-bench.mjs";
import { makeArray } from "./lib/data.mjs";
import { OZX, remove } from "./lib/workspace.mjs";

const { scale, cases, workspace, convert, compare } = openConvertBench(
  "rechunk",
  "the 512 planes of 1024 × 2048 pixels of uint16",
  ["blocks", "planes"],
);

const planes = Math.max(1, Math.round(16 * scale)) * 32;
const PLANES = [1, 1024, 1024];
const BLOCKS = [32, 256, 256];
const shape = [planes, 1024, 2048];
/** From planes to blocks, and back: what each chunk of the one needs of the other is spread over all its neighbours. */
const CASES = { blocks: { from: PLANES, to: BLOCKS }, planes: { from: BLOCKS, to: PLANES } };

for (const id of cases) {
  const { from, to } = CASES[id];
  const folder = join(workspace, `${id}-${shape.join("x")}.zarr`);
  makeImage(folder, from);
  const chunks = ["z", "y", "x"].map((axis, k) => `${axis}=${to[k]}`).join();
  const peer = (method) => zarrPython("zarr_rechunk.py", folder, to.join(), method);
  await compare(
    `${shape.join(" × ")} uint16 in chunks of ${from.join(" × ")} to ${to.join(" × ")}, zstd`,
    folder,
    [
      { name: "ozx --chunks", run: (out) => convert(folder, out, "--chunks", chunks) },
      { name: "ozx, 64 MB", run: (out) => convert(folder, out, "--chunks", chunks, "--memory", "64MB") },
      ...peer("dask").map((one) => ({ ...one, name: "zarr-python, dask" })),
      ...(hasRechunker() ? peer("rechunker") : []).map((one) => ({ ...one, name: "rechunker" })),
    ],
  );
}

function hasRechunker() {
  return spawnSync(PYTHON, ["-c", "import rechunker"]).status === 0;
}

/** Writes an image of one level: slopes with noise, compressed with zstd. */
function makeImage(folder, chunk) {
  if (existsSync(join(folder, "zarr.json"))) return;
  const plain = `${folder}-plain.zarr`;
  remove(plain);
  const pixels = new Uint16Array(chunk[0] * chunk[1] * chunk[2]);
  let state = 1;
  makeArray(plain, { shape, chunk, axes: ["z", "y", "x"] }, ([z]) => {
    for (let k = 0; k < pixels.length; k++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      pixels[k] = 100 + 7 * z + ((k % chunk[2]) >> 2) + (state >>> 26);
    }
    return pixels;
  });
  execFileSync(OZX[0], [OZX[1], "convert", "--quiet", plain, folder, "--codec", "zstd:3"]);
  remove(plain);
}
