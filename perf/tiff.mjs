// Converting TIFFs, compared with packing a folder of the same bytes, and with tifffile and zarr-python: node perf/tiff.mjs --help
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openConvertBench, PYTHON, zarrPython } from "./lib/convert-bench.mjs";

const { scale, workspace, convert, compare } = openConvertBench(
  "tiff",
  "the 256 planes of 1024 × 1024 uint16; 4 is 2 GB",
);

if (!existsSync(PYTHON))
  throw new Error(`${PYTHON} is missing, which writes the TIFFs: run interop/setup.sh`);
const planes = Math.max(4, Math.round(256 * scale));
const fileOf = (name) => join(workspace, `${name}-${planes}.tif`);
const KINDS = ["raw", "lzw", "deflate", "zstd", "deflate-predictor"];
if (KINDS.some((kind) => !existsSync(fileOf(kind)))) {
  const script = fileURLToPath(new URL("peers/tiff_files.py", import.meta.url));
  execFileSync(PYTHON, [script, workspace, String(planes)]);
}
const [raw, lzw, deflate, zstd, predicted] = KINDS.map(fileOf);
/** A folder with the chunks of a TIFF as they are copied. */
const folderOf = (kind) => {
  const folder = join(workspace, `${kind}-${planes}.zarr`);
  if (existsSync(folder)) return folder;
  const [command, ...args] = convert(fileOf(kind), folder.replace(/\.zarr$/, ""));
  execFileSync(
    command,
    args.map((arg) => arg.replace(/\.ozx$/, ".zarr")),
  );
  return folder;
};
const size = `${planes} planes of 1024 × 1024 uint16`;

// Not compressed: beside the same bytes in a folder, in chunks of the same size.
await compare(`A folder and a stack that is not compressed, ${size}`, folderOf("raw"), [
  { name: "stack", run: (out) => convert(raw, out) },
]);
// Copied as they are. `cp` moves blocks within the system and leaves them to be written later; an archive is synced.
const copies = (file, folder) => [
  { name: "cp", run: (out) => ["cp", file, `${out}.zip`] },
  { name: "cp, sync", run: (out) => ["sh", "-c", 'cp "$1" "$2" && sync "$2"', "sh", file, `${out}.zip`] },
  { name: "cat, sync", run: (out) => ["sh", "-c", 'cat "$1" > "$2" && sync "$2"', "sh", file, `${out}.zip`] },
  { name: "a folder of the tiles", run: (out) => convert(folder, out) },
];
await compare(`Tiles of Zstandard, ${size}`, zstd, copies(zstd, folderOf("zstd")));
await compare(`Tiles of Deflate, ${size}`, deflate, [
  ...copies(deflate, folderOf("deflate")),
  { name: "stack to zstd:3", run: (out) => convert(deflate, out, "--codec", "zstd:3") },
  ...zarrPython("tiff_recode.py", deflate, String(availableParallelism())),
]);
for (const [title, file] of [
  ["Strips of LZW", lzw],
  ["Tiles of Deflate with predictor 2", predicted],
]) {
  await compare(`${title}, ${size}`, file, [
    { name: "to zstd:3", run: (out) => convert(file, out, "--codec", "zstd:3") },
    ...zarrPython("tiff_recode.py", file, String(availableParallelism())),
  ]);
}
