import { writeFileSync } from "node:fs";
import { tempFolder, testSample, writeSampleFolder } from "@ozx/testing";
import { beforeAll, expect, test } from "vitest";
import { runOzx } from "./support/run-ozx.js";

const temp = tempFolder();

beforeAll(async () => {
  await writeSampleFolder(temp.path("image.zarr"), { levels: 1, size: { c: 1, z: 1, y: 32, x: 32 } });
  await runOzx(["convert", "image.zarr", "image.ozx"], { cwd: temp.path() });
  for (const [name, start] of Object.entries({
    "scan.czi": "ZISRAWFILE",
    "scan.png": "\u0089PNG\r\n",
    "scan.jpg": "\u00ff\u00d8\u00ff\u00e0",
    "scan.h5": "\u0089HDF\r\n",
  })) {
    writeFileSync(temp.path(name), Buffer.from(start.padEnd(600, "\0"), "latin1"));
  }
});

/** What is typed, the exit code, and what the message must tell. */
const WRONG: readonly (readonly [command: string, code: number, tells: string])[] = [
  ["info", 2, 'info needs a file or folder, as in "ozx info image.ozx"'],
  ["validate", 2, 'validate needs a file or folder, as in "ozx validate image.ozx"'],
  ["view", 2, 'view needs a file or folder, as in "ozx view image.ozx"'],
  ["fix", 2, 'fix needs a file, as in "ozx fix image.ozx"'],
  ["ls", 2, 'ls needs a file, as in "ozx ls image.ozx"'],
  ["cat image.ozx", 2, 'cat needs the key of a value, as in "ozx cat image.ozx zarr.json"'],
  ["verify", 2, 'verify needs two images, as in "ozx verify image.zarr image.ozx"'],
  ["verify image.zarr", 2, 'verify needs a second image, as in "ozx verify image.zarr image.ozx"'],
  ["convert", 2, '"ozx convert image.zarr image.ozx"'],
  ["convert image.zarr", 2, 'convert needs an output, as in "ozx convert image.zarr image.ozx"'],
  ["plan image.zarr", 2, 'plan needs --parts, as in "ozx plan plate.zarr plate.ozx --parts 8 -o plan.json"'],
  ["merge", 2, 'merge needs a file or folder, as in "ozx merge B/03.ozx'],
  ["run", 2, 'run needs the file of a plan, as in "ozx run plan.json --part 0"'],
  ["finish", 2, 'finish needs the file of a plan, as in "ozx finish plan.json"'],
  ["convert image.zarr o.ozx --overwrite", 2, "no option --overwrite: --force replaces the output"],
  ["convert image.zarr o.ozx --compression zstd", 2, "no option --compression: --codec recompresses chunks"],
  ["convert image.zarr o.ozx --compressor=zstd", 2, "--codec recompresses chunks"],
  ["convert image.zarr o.ozx --rechunk 256", 2, "no option --rechunk: --shard groups chunks"],
  ["convert image.zarr o.ozx --tile-size 256", 2, "--shard groups chunks"],
  ["convert image.zarr o.ozx --threads 4", 2, "--jobs sets how many threads work"],
  ["convert image.zarr o.ozx --max_workers 4", 2, "--jobs sets how many threads work"],
  ["convert image.zarr o.ozx --downsample", 2, "--pyramid adds lower-resolution levels"],
  ["convert image.zarr o.ozx --output-dir p", 2, "--out-dir takes the folder"],
  ["convert image.zarr o.ozx --ngff-version 0.5", 2, "--ome-zarr-version chooses 0.4, 0.5 or 0.6"],
  ["convert image.zarr o.ozx --channel 0", 2, "--c takes positions"],
  ["convert image.zarr o.ozx --crop 0:10", 2, "--t, --c, --z, --y and --x take a part"],
  ["convert image.zarr o.ozx --series 0", 2, "--path takes one node"],
  ["convert image.zarr o.ozx --recursive", 2, "folders are read completely"],
  ["convert image.zarr o.ozx --shrad auto", 2, "did you mean --shard?"],
  ["convert image.zarr o.ozx --nothing-like-it", 2, '"ozx convert --help" lists all'],
  ["convert image.zarr o.ozx --codec", 2, "--codec <codec> needs its value"],
  ["convert image.zarr o.ozx --ome-zarr-version 0.3", 2, "0.4, 0.5, 0.6"],
  ["convert image.zarr o.ozx --codec zstd:99", 2, "zstd"],
  ["convert image.zarr o.ozx --codec lzma", 2, "lzma"],
  ["convert image.zarr o.ozx --z 3:1", 2, "is not a range"],
  ["convert image.zarr o.ozx --jobs none", 2, "--jobs"],
  ["convert image.zarr o.ozx --c 0 --c 1", 2, "given twice"],
  ["convert image.zarr o.ozx/", 2, "write o.ozx for one file"],
  ["convert image.zarr o.tif", 2, ".tif is not a supported format"],
  ["convert image.zarr o.zarr.gz", 2, ".gz is not a supported format"],
  ["convert - o.ozx", 2, "standard input cannot be read"],
  ["convert image.zarr image.zarr", 6, "exists already (--force replaces it)"],
  ["convert nosuch.zarr o.ozx", 3, "nosuch.zarr does not exist: check the path"],
  ["info --full image.ozx", 2, "no option --full: -v shows more"],
  ["info -x image.ozx", 2, '"ozx info --help" lists all'],
  ["info image.ozx --header a:b", 2, "none of the paths is an address"],
  ["info https://", 2, "is not a complete address"],
  ["info gs://bucket/x.ozx", 2, "https://storage.googleapis.com/bucket/x.ozx"],
  ["info ftp://host/x.ozx", 2, "http://, https:// or s3://"],
  ["info scan.czi", 4, "Zeiss CZI"],
  ["info scan.png", 4, "a PNG picture"],
  ["info scan.jpg", 4, "a JPEG picture"],
  ["info scan.h5", 4, "an HDF5 file"],
  ["validate image.ozx --stric", 2, "did you mean --strict?"],
  ["view image.ozx image.zarr", 2, "too many arguments"],
  ["verify a b c", 2, 'too many arguments: expected 2 arguments but got 3, as in "ozx verify'],
  ["fix image.zarr", 3, '"ozx convert image.zarr image.ozx" packs it'],
  ["fix nosuch.ozx", 3, "does not exist"],
  ["cat image.ozx nosuch", 3, "nosuch"],
  ["covnert a b", 2, "no command covnert: did you mean convert?"],
  ["frobnicate", 2, 'no command frobnicate: "ozx --help" lists all'],
  ["help frobnicate", 2, 'no command frobnicate: "ozx --help" lists all'],
  ["pack image.zarr", 2, '"ozx convert image.zarr image.ozx" packs a folder'],
  ["help unpack", 2, '"ozx convert image.ozx image.zarr" unpacks it'],
  ["list image.ozx", 2, '"ozx ls image.ozx" lists'],
  ["--verbose", 2, 'no option --verbose: "ozx --help" lists all'],
  ["nosuch.ozx", 3, "nosuch.ozx does not exist"],
  ["run plan.json --part 0", 3, "plan.json does not exist"],
];

testSample(WRONG, 20)("%j tells what to type next", async ([command, code, tells]) => {
  const run = await runOzx(command.split(" "), { cwd: temp.path() });
  expect(run, run.stderr).toMatchObject({ code, stdout: "" });
  expect(run.stderr).toContain(tells);
  expect(run.stderr).not.toMatch(/\n {2,}at |add --help/);
  expect(run.stderr.trimEnd().split("\n"), run.stderr).toHaveLength(1);
});

test("a path alone shows what it contains", async () => {
  const alone = await runOzx(["image.ozx"], { cwd: temp.path() });
  expect(alone).toEqual(await runOzx(["info", "image.ozx"], { cwd: temp.path() }));
  expect(alone.code).toBe(0);
});
