// Peak memory of packing and unpacking: node perf/memory.mjs --help
import { statSync } from "node:fs";
import { join } from "node:path";
import { makeImage } from "./lib/data.mjs";
import { describeMachine } from "./lib/machine.mjs";
import { measure } from "./lib/measure.mjs";
import { readOptions } from "./lib/options.mjs";
import { formatTable } from "./lib/table.mjs";
import { OZX, openWorkspace, remove } from "./lib/workspace.mjs";

const options = readOptions(
  { scale: { type: "string", default: "1" }, dir: { type: "string" } },
  `node perf/memory.mjs [options]
  --scale X    fraction of the files, as in 0.1 (1)
  --dir PATH   folder for data and outputs; the data is kept for later runs`,
);
const scale = Number(options.scale);

/** Memory must not grow with the bytes of an image, the size of a chunk or the number of entries. */
const CASES = [
  {
    id: "bytes",
    title: "5 GB: 3 chunks of 1 GB, 500 of 4 MB",
    chunks: [
      [3, 1e9],
      [500, 4e6],
    ],
    goal: 300,
  },
  { id: "entries", title: "100,000 entries of 1 KB", chunks: [[100_000, 1_000]], goal: 400 },
];

console.log(`${describeMachine()}\n`);
const workspace = openWorkspace(options.dir);
const rows = [];
for (const { id, title, chunks, goal } of CASES) {
  const image = join(workspace, `${id}.zarr`);
  makeImage(
    image,
    chunks.flatMap(([count, size]) => Array(Math.ceil(count * scale)).fill(size)),
  );
  const archive = join(workspace, `${id}.ozx`);
  const unpacked = join(workspace, `${id}-out.zarr`);
  const pack = await measure([...OZX, "convert", "--quiet", "--force", image, archive]);
  const { size } = statSync(archive);
  const unpack = await measure([...OZX, "convert", "--quiet", archive, unpacked]);
  for (const path of [archive, unpacked]) remove(path);
  for (const [verb, { rss }] of Object.entries({ pack, unpack })) {
    if (rss === undefined)
      throw new Error("measuring peak memory needs GNU time or Python: install one of them");
    const verdict = rss < goal ? "held" : "missed";
    rows.push([`${verb} ${title}`, (size / 1e6).toFixed(0), rss.toFixed(0), `< ${goal}`, verdict]);
  }
}
console.log(formatTable(["", "archive MB", "RSS MiB", "goal", ""], rows));
