// Packing and unpacking, compared with other tools: node perf/pack.mjs --help
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compare } from "./lib/compare.mjs";
import { filesIn, makeImage } from "./lib/data.mjs";
import { describeMachine } from "./lib/machine.mjs";
import { readOptions } from "./lib/options.mjs";
import { OZX, openWorkspace, RUST_OZX, remove } from "./lib/workspace.mjs";

const HELP = `node perf/pack.mjs [options]
  --case small|large|all   100,000 files of 10 KB, 64 files of 64 MB, or both (all)
  --verb pack|unpack|all   what to time (all)
  --only a,b               only these contenders, besides the baseline
  --jobs a,b               threads of ozx, one contender each: ozx -j1, ozx -j2 (1,2)
  --rounds N               rounds; each contender runs once per round (3)
  --scale X                fraction of the files, as in 0.1 (1)
  --dir PATH               folder for data and outputs; the data is kept for later runs`;

const options = readOptions(
  {
    case: { type: "string", default: "all" },
    verb: { type: "string", default: "all" },
    only: { type: "string" },
    jobs: { type: "string", default: "1,2" },
    rounds: { type: "string", default: "3" },
    scale: { type: "string", default: "1" },
    dir: { type: "string" },
  },
  HELP,
);
const rounds = Number(options.rounds);
const scale = Number(options.scale);
const only = options.only?.split(",");
const jobs = options.jobs.split(",");

const CASES = [
  { id: "small", count: 100_000, size: 10_000, baseline: "xargs cat" },
  { id: "large", count: 64, size: 64_000_000, baseline: "cat" },
];

console.log(`${describeMachine()}\n${rounds} rounds, warm cache\n`);
const workspace = openWorkspace(options.dir);
const common = { rounds, only, workspace };
for (const { id, count, size, baseline } of CASES) {
  if (options.case !== "all" && options.case !== id) continue;
  const files = Math.max(1, Math.round(count * scale));
  const image = join(workspace, `${id}-${files}.zarr`);
  makeImage(image, Array(files).fill(size));
  const title = `${files.toLocaleString("en")} files of ${size.toLocaleString("en")} bytes`;
  if (options.verb !== "unpack") {
    const other = { cat: "xargs cat", "xargs cat": "cat" }[baseline];
    const contenders = packers(image).filter(({ name }) => name !== other);
    await compare(`Packing ${title}`, contenders, { baseline, ...common });
  }
  if (options.verb !== "pack") {
    const archive = join(workspace, `${id}.ozx`);
    execFileSync(OZX[0], [OZX[1], "convert", "--quiet", "--force", image, archive]);
    // ext4 without a journal scans all recently freed inodes whenever it creates a file.
    const keep = id === "small";
    await compare(`Unpacking ${title}`, unpackers(archive), { baseline: "unzip", keep, ...common });
    remove(archive);
  }
}

/** The contenders for packing. Their commands write one file, or a folder, as `cp` does. */
function packers(image) {
  const list = join(workspace, "files");
  // The baseline gets its list of files ready-made; all others have to walk the folder.
  writeFileSync(list, filesIn(image).join("\0"));
  const cat = 'cd "$1" && xargs -0 cat < "$2" > "$3"';
  return [
    { name: "xargs cat", run: (out) => ["sh", "-c", cat, "sh", image, list, out] },
    { name: "cat", run: (out) => ["sh", "-c", cat, "sh", image, list, out] },
    ...jobs.map((n) => ({
      name: `ozx -j${n}`,
      run: (out) => [...OZX, "convert", "--quiet", "--jobs", n, image, `${out}.ozx`],
    })),
    {
      name: "ozx (Rust)",
      needs: RUST_OZX,
      run: (out) => [RUST_OZX, "create", `${out}.ozx`, image],
    },
    // ozx syncs its output too, so that nothing is lost in a power failure.
    { name: "cat+sync", run: (out) => ["sh", "-c", `${cat} && sync "$3"`, "sh", image, list, out] },
    { name: "cp -r", run: (out) => ["cp", "-r", image, out] },
    { name: "tar", run: (out) => ["tar", "cf", out, "-C", image, "."] },
    {
      name: "bsdtar zip",
      needs: "bsdtar",
      run: (out) => [
        ..."bsdtar --format zip --options zip:compression=store -cf".split(" "),
        out,
        "-C",
        image,
        ".",
      ],
    },
    { name: "zip -0", needs: "zip", run: (out) => ["zip", "-0", "-r", "-q", `${out}.zip`, "."], cwd: image },
    {
      name: "python zipfile",
      needs: "python3",
      run: (out) => ["python3", peer("zipfile_pack.py"), image, out],
    },
  ];
}

/** The contenders for unpacking. */
function unpackers(archive) {
  return [
    { name: "unzip", needs: "unzip", run: (out) => ["unzip", "-q", archive, "-d", out] },
    ...jobs.map((n) => ({
      name: `ozx -j${n}`,
      run: (out) => [...OZX, "convert", "--quiet", "--jobs", n, archive, `${out}.zarr`],
    })),
    {
      name: "python zipfile",
      needs: "python3",
      run: (out) => ["python3", peer("zipfile_unpack.py"), archive, out],
    },
  ];
}

function peer(script) {
  return fileURLToPath(new URL(`./peers/${script}`, import.meta.url));
}
