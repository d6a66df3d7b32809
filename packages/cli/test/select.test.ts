import { readFileSync, statSync } from "node:fs";
import { cp, mkdir, writeFile } from "node:fs/promises";
import { type RangeServer, startRangeServer, tempFolder, testSample, writeSampleFolder } from "@ozx/testing";
import { beforeAll, describe, expect, test } from "vitest";
import { readFolder } from "./support/folders.js";
import { runOzx } from "./support/run-ozx.js";

const temp = tempFolder();
const WELLS = ["B/03", "B/04", "C/03", "C/04"];

async function writeGroup(path: string, ome?: object): Promise<void> {
  const attributes = ome === undefined ? {} : { ome: { version: "0.5", ...ome } };
  await mkdir(temp.path(path), { recursive: true });
  await writeFile(
    temp.path(path, "zarr.json"),
    JSON.stringify({ zarr_format: 3, node_type: "group", attributes }, null, 2),
  );
}

beforeAll(async () => {
  await writeSampleFolder(temp.path("image.zarr"), {
    size: { c: 2, z: 2, y: 200, x: 200 },
    levels: 2,
    chunk: 64,
  });
  await writeGroup("plate.zarr", {
    plate: {
      version: "0.5",
      rows: [{ name: "B" }, { name: "C" }],
      columns: [{ name: "03" }, { name: "04" }],
      wells: WELLS.map((path, n) => ({ path, rowIndex: n >> 1, columnIndex: n & 1 })),
    },
  });
  for (const row of ["B", "C"]) await writeGroup(`plate.zarr/${row}`);
  for (const well of WELLS) {
    await writeGroup(`plate.zarr/${well}`, { well: { version: "0.5", images: [{ path: "0" }] } });
    await cp(temp.path("image.zarr"), temp.path("plate.zarr", well, "0"), { recursive: true });
  }
  const run = await runOzx(["convert", "plate.zarr", "plate.ozx"], { cwd: temp.path() });
  expect(run, run.stderr).toMatchObject({ code: 0 });
});

test("a well of a folder and of an archive are the same archive, which validates", async () => {
  for (const input of ["plate.zarr", "plate.ozx"]) {
    const run = await runOzx(["convert", input, `well-of-${input}.ozx`, "--path", "B/03", "--verify"], {
      cwd: temp.path(),
    });
    expect(run, run.stderr).toMatchObject({ code: 0 });
  }
  const [one, other] = ["plate.zarr", "plate.ozx"].map((name) =>
    readFileSync(temp.path(`well-of-${name}.ozx`)),
  );
  expect(one?.equals(other ?? Buffer.alloc(0))).toBe(true);
  expect(await runOzx(["validate", "well-of-plate.ozx.ozx"], { cwd: temp.path() })).toMatchObject({
    code: 0,
  });
});

test("a well of an archive on a server: nothing but the directory and that well is fetched", async () => {
  const bytes = readFileSync(temp.path("plate.ozx"));
  await using server = await startRangeServer(bytes);
  const run = await runOzx(["convert", server.url, "remote.zarr", "--path", "C/04"], { cwd: temp.path() });
  expect(run, run.stderr).toMatchObject({ code: 0 });
  const remote = readFolder(temp.path("remote.zarr"));
  expect(remote).toEqual(readFolder(temp.path("plate.zarr/C/04")));
  const wanted = [...remote.values()].reduce((sum, value) => sum + value.length, 0);
  const fetched = server.requests.reduce((sum, request) => sum + request.bytes, 0);
  // One well of four, and the central directory of them all.
  expect(fetched).toBeLessThan(wanted * 1.1 + 0.3 * bytes.length);
  expect(fetched).toBeLessThan(0.6 * bytes.length);
});

test("without a label image, and compared so by --verify", async () => {
  const part = ["--leave-out", "labels/cells", "--leave-out", "labels"];
  const plan = await runOzx(["convert", ...part, "-n", "image.zarr", "without.ozx"], { cwd: temp.path() });
  expect(plan.stdout).toContain("without labels/cells");
  const run = await runOzx(["convert", ...part, "--verify", "image.zarr", "without.ozx"], {
    cwd: temp.path(),
  });
  expect(run, run.stderr).toMatchObject({ code: 0 });
  const info = await runOzx(["ls", "-R", "without.ozx"], { cwd: temp.path() });
  expect(info.stdout).not.toContain("cells");
});

test("levels and ranges, shown by --dry-run and compared by --verify", async () => {
  const part = ["--levels", "1:", "--c", "1", "--z", "0:1"];
  const plan = await runOzx(["convert", "image.zarr", "part.ozx", "--dry-run", ...part], {
    cwd: temp.path(),
  });
  expect(plan.stdout).toContain("levels 1:, c=1, z=0");
  const run = await runOzx(["convert", "image.zarr", "part.ozx", "--verify", ...part], { cwd: temp.path() });
  expect(run, run.stderr).toMatchObject({ code: 0 });
  const info = await runOzx(["info", "part.ozx", "--json"], { cwd: temp.path() });
  const [image] = JSON.parse(info.stdout).files[0].images;
  expect(image.levels).toHaveLength(1);
  expect(image.levels[0].array.shape).toEqual([1, 1, 100, 100]);
  expect(image.channels).toHaveLength(1);
});

const REFUSED: readonly [options: readonly string[], code: number, sentence: string][] = [
  [["--path", "B/05"], 3, "B in plate.zarr has B/03, B/04"],
  [["--path", "B"], 4, "give the path of one of B/03, B/04"],
  [["--levels", "9"], 2, "which has levels 0 to 1"],
  [["--levels", "two"], 2, '--levels "two" is not a range'],
  [["--c", "2:1"], 2, '--c "2:1" is empty: a range ends behind its start, as in 0:10 (without 10 itself)'],
  [["--z", "3:3"], 2, '--z "3:3" is empty'],
  [["--c", "405/488"], 2, 'has no channel "405/488": it has '],
  [["--c", "-1"], 2, ""],
  [["--c", "Gold"], 2, 'has no channel "Gold": it has '],
  [["--chunks", "z=0"], 2, "as in z=8,y=512,x=512"],
  [["--chunks", "w=4"], 2, "has no axis w; its axes are c, z, y, x"],
  [["--project", "z"], 2, "give an axis and one of max, mean, sum, min"],
  [["--project", "c=max"], 2, "is its channels, which are not projected"],
  [["--window", "0:1"], 2, "give their data type too"],
  [["--dtype", "uint8", "--window", "9:1"], 2, '"9:1" is not a window of values'],
  [["--memory", "12"], 2, "--memory takes a size from 16MB on"],
  [["--method", "max"], 2, "give --pyramid too"],
  [["--c", ""], 2, '--c "" is not a range'],
  [["--c", "7"], 2, "c=7 is not in"],
  [["--c", "4:"], 2, "c=4: is not in"],
  [["--t", "0"], 2, "has no axis t"],
];
testSample(REFUSED, 8)(
  "%j is refused with exit code %i and a sentence",
  async ([options, code, sentence]) => {
    const run = await runOzx(["convert", "plate.zarr", "never.ozx", ...options], { cwd: temp.path() });
    expect(run, run.stderr).toMatchObject({ code, stdout: "" });
    expect(run.stderr).toContain(sentence);
  },
);

test("info of one well, and of a label image in it", async () => {
  const local = await runOzx(["info", "--json", "plate.ozx", "--path", "B/03"], { cwd: temp.path() });
  const [well] = JSON.parse(local.stdout).files;
  expect(well).toMatchObject({ path: "plate.ozx", node: "B/03", kind: "well" });
  expect(well.images.map(({ path }: { path: string }) => path)).toEqual(["/0"]);
  const sizes = [...readFolder(temp.path("plate.zarr/B/03")).values()];
  expect(well.entries).toBe(sizes.length);
  const text = await runOzx(["info", "-v", "plate.ozx", "--path", "B/03/0/labels/cells"], {
    cwd: temp.path(),
  });
  expect(text.stdout).toContain("OME-Zarr 0.5 label image");
  expect(text.stdout).toContain('openOmeZarr("plate.ozx", { path: "B/03/0/labels/cells" })');
  const missing = await runOzx(["info", "plate.ozx", "--path", "B/3"], { cwd: temp.path() });
  expect(missing).toMatchObject({ code: 3, stdout: "" });
  expect(missing.stderr).toContain("B in plate.ozx has B/03, B/04");
});

describe("of a folder on a server", () => {
  const serve = (folder: string): Promise<RangeServer> =>
    startRangeServer((path) => readIfFile(temp.path(path.replace("/image.zarr", folder))));
  /** All of a folder but its tables, which no metadata names. */
  const named = (folder: string) =>
    new Map([...readFolder(temp.path(folder))].filter(([name]) => !/(^|\/)tables\//.test(name)));

  test("a well is taken, and nothing but that well is asked for", async () => {
    await using server = await serve("plate.zarr");
    const run = await runOzx(["convert", server.url, "served-well.zarr", "--path", "B/03", "--verify"], {
      cwd: temp.path(),
    });
    expect(run, run.stderr).toMatchObject({ code: 0 });
    expect(readFolder(temp.path("served-well.zarr"))).toEqual(named("plate.zarr/B/03"));
    const beside = server.requests.filter(({ path }) => /\/(C|B\/04)\//.test(path));
    expect(beside).toEqual([]);
  });

  const parts = [
    ["image.zarr", "--levels", "1:"],
    ["image.zarr", "--z", "0:1", "--c", "1"],
    ["plate.zarr", "--path", "B/03/0", "--levels", "1:"],
    ["plate.zarr", "--path", "C/04/0/labels/cells"],
  ];
  testSample(parts, 2)(
    "the same part is taken as of a folder that lists: %s %s %s",
    async ([folder = "", ...part]) => {
      await using server = await serve(folder);
      const name = part.join("").replaceAll(/\W/g, "");
      for (const [input, output] of [
        [server.url, `served-${name}.zarr`],
        [folder, `listed-${name}.zarr`],
      ] as const) {
        const run = await runOzx(["convert", input, output, ...part, "--verify"], { cwd: temp.path() });
        expect(run, run.stderr).toMatchObject({ code: 0 });
      }
      expect(readFolder(temp.path(`served-${name}.zarr`))).toEqual(named(`listed-${name}.zarr`));
    },
  );

  test.each([
    ["plate.zarr", "B/05", "has B/03, B/04, C/03, C/04"],
    ["image.zarr", "7", "has labels/cells"],
  ])("%s: what there is in place of %s is told", async (folder, path, sentence) => {
    await using server = await serve(folder);
    const run = await runOzx(["convert", server.url, "never.zarr", "--path", path], { cwd: temp.path() });
    expect(run, run.stderr).toMatchObject({ code: 3, stdout: "" });
    expect(run.stderr).toContain(sentence);
  });
});

function readIfFile(path: string): Buffer | undefined {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ? readFileSync(path) : undefined;
}
