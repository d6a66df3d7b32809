// Opening TIFFs of many pages, compared with tifffile: node perf/tiff-open.mjs --help
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compare } from "./lib/compare.mjs";
import { PYTHON } from "./lib/convert-bench.mjs";
import { describeMachine } from "./lib/machine.mjs";
import { readOptions } from "./lib/options.mjs";
import { openWorkspace } from "./lib/workspace.mjs";

const options = readOptions(
  {
    rounds: { type: "string", default: "5" },
    scale: { type: "string", default: "1" },
    dir: { type: "string" },
  },
  `node perf/tiff-open.mjs [options]
  --rounds N     rounds; each contender runs once per round (5)
  --scale X      fraction of the 100,000 and 1,000,000 pages, as in 0.1 (1)
  --dir PATH     folder for the files, which are kept for later runs`,
);
if (!existsSync(PYTHON))
  throw new Error(`${PYTHON} is missing, which writes the TIFFs: run interop/setup.sh`);
const rounds = Number(options.rounds);
const workspace = openWorkspace(options.dir);
const peer = (name) => fileURLToPath(new URL(`peers/${name}`, import.meta.url));
console.log(`${describeMachine()}\n${rounds} rounds, warm cache; each contender is a process of its own\n`);

for (const [kind, all, title] of [
  ["ome", 100_000, "an OME-TIFF"],
  ["plain", 1_000_000, "a BigTIFF"],
]) {
  const pages = Math.round(all * Number(options.scale));
  const file = join(workspace, `${kind}-${pages}-pages.tif`);
  if (!existsSync(file)) execFileSync(PYTHON, [peer("tiff_pages.py"), kind, file, String(pages)]);
  await compare(
    `Opening ${title} of ${pages.toLocaleString("en")} pages`,
    [
      { name: "node", run: () => [process.execPath, "-e", ""] },
      { name: "ozx", run: () => [process.execPath, peer("open-tiff.mjs"), file] },
      { name: "import tifffile", run: () => [PYTHON, "-c", "import tifffile"] },
      { name: "tifffile", run: () => [PYTHON, peer("open_tiff.py"), file] },
    ],
    { baseline: "tifffile", rounds, workspace },
  );
}
