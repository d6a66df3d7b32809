// Changing metadata in place: node perf/edit.mjs --help
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { makeSparse } from "../scripts/lib/sparse-archive.mjs";
import { makeImage } from "./lib/data.mjs";
import { describeMachine } from "./lib/machine.mjs";
import { measure } from "./lib/measure.mjs";
import { readOptions } from "./lib/options.mjs";
import { makePlate } from "./lib/plate-data.mjs";
import { formatTable, median } from "./lib/table.mjs";
import { OZX, openWorkspace } from "./lib/workspace.mjs";

const options = readOptions(
  {
    rounds: { type: "string", default: "3" },
    scale: { type: "string", default: "1" },
    dir: { type: "string" },
  },
  `node perf/edit.mjs [options]
  --rounds N   how often each edit is made (3)
  --scale X    fraction of the chunks and fields, as in 0.1 (1)
  --dir PATH   folder for the data, which is kept for later runs`,
);
const [rounds, scale] = [Number(options.rounds), Number(options.scale)];
console.log(`${describeMachine()}\n`);
const workspace = openWorkspace(options.dir);
const at = (name) => join(workspace, name);
const ozx = (...args) => measure([...OZX, ...args]);

/** Packs a folder, unless that was done before. */
async function pack(folder, archive) {
  if (!existsSync(archive)) await ozx("convert", "-q", folder, archive);
}

const image = at("image.ozx");
if (!existsSync(image)) {
  makeImage(at("image.zarr"), Array(Math.ceil(50_000 * scale)).fill(100));
  await pack(at("image.zarr"), image);
  makeSparse(image, 100e9);
}
const wells = Math.ceil(400 * scale);
makePlate(at("plate.zarr"), { wells, fields: 25, side: 32, chunk: 32 });
await pack(at("plate.zarr"), at("plate.ozx"));

const rows = [];
/** Edits a file or folder several times, each time to other values. */
async function edit(what, target, argsOf) {
  const [runs, growth] = [[], []];
  for (let round = 0; round < rounds; round++) {
    const before = statSync(target);
    runs.push(await ozx("edit", "-q", target, ...argsOf(`${round + 1}.${Date.now() % 1000}`)));
    growth.push(statSync(target).size - before.size);
  }
  const of = (name) => median(runs.map((run) => run[name] ?? Number.NaN));
  const bytes = target.endsWith(".ozx") ? `${(median(growth) / 1e6).toFixed(2)} MB` : "";
  rows.push([what, of("seconds").toFixed(2), of("cpu").toFixed(2), of("rss").toFixed(0), bytes]);
}

const fields = `a plate of ${(wells * 25).toLocaleString("en")} fields`;
await edit(
  `.ozx of 100 GB, ${Math.ceil(50_000 * scale).toLocaleString("en")} chunks: scale`,
  image,
  (one) => [...["--scale", `y=${one},x=${one}`]],
);
for (const target of [at("plate.ozx"), at("plate.zarr")]) {
  const kind = target.endsWith(".ozx") ? "as .ozx" : "as a folder";
  await edit(`${fields}, ${kind}: scale of one field`, target, (one) => [
    ...["--path", "A/1/0", "--scale", `y=${one},x=${one}`],
  ]);
  await edit(`${fields}, ${kind}: its name`, target, (one) => ["--name", `plate ${one}`]);
  await edit(`${fields}, ${kind}: scale of all`, target, (one) => ["--scale", `y=${one},x=${one}`]);
}
console.log(formatTable(["edit", "median s", "CPU s", "RSS MiB", "grows by"], rows));
