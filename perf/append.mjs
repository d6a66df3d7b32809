// How fast appended frames of a camera become durable: node perf/append.mjs --help
import { statSync } from "node:fs";
import { join } from "node:path";
import { createImage, openOmeZarr } from "ozx";
import { readOptions } from "./lib/options.mjs";
import { openWorkspace, remove } from "./lib/workspace.mjs";

const options = readOptions(
  { frames: { type: "string" }, dir: { type: "string" } },
  `Appends frames of a camera to an image, one after the other and several at once, and says how many bytes of pixels become
durable in a second.

Usage: node perf/append.mjs [--frames N] [--dir FOLDER]

  --frames N      how many frames, by default 60
  --dir FOLDER    keep outputs there; by default, a temporary folder is created and removed`,
);
const SIDE = 2048;
const frames = Number(options.frames ?? 60);
const folder = openWorkspace(options.dir);

/** Cells on a dark background with the noise of a camera: about half of it is not compressible. */
function frameOf(t) {
  const pixels = new Uint16Array(SIDE * SIDE);
  let state = 1 + t;
  for (let k = 0; k < pixels.length; k++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const [y, x] = [k >> 11, k & 2047];
    const cell = ((y + 3 * t) % 256) ** 2 + (x % 256) ** 2 < 60 ** 2 ? 900 : 100;
    pixels[k] = cell + (state >>> 26);
  }
  return pixels;
}

const made = Array.from({ length: 8 }, (_, t) => frameOf(t));
const ways = [
  ["blosc:lz4:1:shuffle", 1],
  ["blosc:lz4:1:shuffle", 4],
  ["zstd:1", 4],
  ["none", 1],
];
console.log(`${frames} frames of ${SIDE} × ${SIDE} uint16 (${(SIDE * SIDE * 2) / 2 ** 20} MiB each)`);
for (const suffix of ["ozx", "zarr"]) {
  for (const [codec, atOnce] of ways) {
    const path = join(folder, `movie.${suffix}`);
    const image = await createImage(path, {
      axes: ["t", "y", "x"],
      shape: [undefined, SIDE, SIDE],
      dtype: "uint16",
      chunks: [1, 1024, 1024],
      codec,
      overwrite: true,
    });
    const started = performance.now();
    let slowest = 0;
    const waiting = new Set();
    for (let t = 0; t < frames; t++) {
      const begun = performance.now();
      const appended = image.append(made[t % made.length]).then(() => {
        slowest = Math.max(slowest, performance.now() - begun);
        waiting.delete(appended);
      });
      waiting.add(appended);
      if (waiting.size >= atOnce) await Promise.race(waiting);
    }
    await Promise.all(waiting);
    const seconds = (performance.now() - started) / 1000;
    await image.close();
    const rate = (frames * SIDE * SIDE * 2) / 1e6 / seconds;
    const node = await openOmeZarr(path);
    if (node.images[0].level(0).shape[0] !== frames) throw new Error("frames are missing");
    await node.close();
    const size = suffix === "ozx" ? `, ${Math.round(statSync(path).size / 1e6)} MB` : "";
    console.log(
      `.${suffix} ${codec}, ${atOnce} at once: ${rate.toFixed(0)} MB/s, slowest ${slowest.toFixed(0)} ms${size}`,
    );
    remove(path);
  }
}
