import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { readHierarchy, type Store } from "@ozx/core";
import { openDirectoryStore } from "@ozx/core/internal/node";
import {
  describeWithSharedData,
  readValues,
  type SampleOptions,
  skipFor,
  tempFolder,
  testSample,
  writeSampleFolder,
} from "@ozx/testing";
import { beforeAll, describe, expect, test } from "vitest";
import { open } from "../src/index.js";
import { readFolder } from "./support/folders.js";
import { runOzx, withoutShell } from "./support/run-ozx.js";

const temp = tempFolder();
const SMALL: SampleOptions = { size: { c: 2, z: 2, y: 100, x: 120 }, levels: 2, chunk: 64 };

async function convert(input: string, output: string, ...flags: string[]): Promise<void> {
  const run = await runOzx(["convert", input, output, ...flags]);
  expect(run, run.stderr).toMatchObject({ code: 0, stdout: "" });
}

describe.each([
  ["unsharded", SMALL],
  ["sharded", { ...SMALL, shards: true }],
] as const)("an OME-Zarr 0.5 folder, %s", (name, options) => {
  test("packed and unpacked again is the same, file by file", async () => {
    const [folder, archive, back] = [
      temp.path(`${name}.zarr`),
      temp.path(`${name}.ozx`),
      temp.path(`${name}-back.zarr`),
    ];
    await writeSampleFolder(folder, options);
    await convert(folder, archive);
    await convert(archive, back);
    expect(readFolder(back)).toEqual(readFolder(folder));
  });
});

test("the same image gives the same bytes, in whatever order its files were made", async () => {
  const [one, other] = [temp.path("order-1.zarr"), temp.path("order-2.zarr")];
  await writeSampleFolder(one, SMALL);
  for (const [path, bytes] of [...readFolder(one)].reverse()) {
    mkdirSync(dirname(`${other}/${path}`), { recursive: true });
    writeFileSync(`${other}/${path}`, bytes);
  }
  await convert(one, temp.path("order-1.ozx"));
  const run = await runOzx(["convert", "-i", other, "-o", temp.path("order-2.ozx")], {
    env: { TZ: "Pacific/Auckland", LC_ALL: "tr_TR.UTF-8" },
  });
  expect(run.code).toBe(0);
  expect(readFileSync(temp.path("order-2.ozx")).equals(readFileSync(temp.path("order-1.ozx")))).toBe(true);
});

test("an .ozx converted to an .ozx is the same file", async () => {
  await writeSampleFolder(temp.path("again.zarr"), SMALL);
  await convert(temp.path("again.zarr"), temp.path("again.ozx"));
  await convert(temp.path("again.ozx"), temp.path("again2.OZX"));
  expect(readFileSync(temp.path("again2.OZX")).equals(readFileSync(temp.path("again.ozx")))).toBe(true);
});

async function expectSameArrays(actual: Store, expected: Store): Promise<number> {
  const { nodes } = await readHierarchy(expected);
  const arrays = [...nodes.values()].filter((node) => node.kind === "array");
  for (const { path } of arrays) {
    const [left, right] = [await readValues(actual, path), await readValues(expected, path)];
    expect(left.shape, path).toEqual(right.shape);
    expect(left.values.length, path).toBe(right.values.length);
    expect(
      left.values.findIndex((value, i) => !Object.is(value, right.values[i])),
      path,
    ).toBe(-1);
  }
  return arrays.length;
}

describe("an OME-Zarr 0.4 folder", () => {
  test("packed is 0.5 with the same values, unpacked too, and copied it stays 0.4", async () => {
    const folder = temp.path("old.zarr");
    await writeSampleFolder(folder, { ...SMALL, version: "0.4", codec: "blosc" });
    await convert(folder, temp.path("old.ozx"));
    await convert(temp.path("old.ozx"), temp.path("new.zarr"));
    for (const path of [temp.path("old.ozx"), temp.path("new.zarr")]) {
      expect(await expectSameArrays(await open(path), openDirectoryStore(folder))).toBeGreaterThan(4);
    }
    await convert(folder, temp.path("copy.zarr"));
    expect(readFolder(temp.path("copy.zarr"))).toEqual(readFolder(folder));
  });
});

describeWithSharedData("real microscopy data (0.4)", "cardiomyocyte-v04.zarr", (cardiomyocyte) => {
  let store: Store;
  beforeAll(async () => {
    await convert(cardiomyocyte, temp.path("cells.ozx"));
    store = await open(temp.path("cells.ozx"));
  });

  test("every array has the same values", async () => {
    expect(await expectSameArrays(store, openDirectoryStore(cardiomyocyte))).toBe(19);
  });

  test("labels and tables are all there", async () => {
    const { nodes } = await readHierarchy(store);
    const before = await readHierarchy(openDirectoryStore(cardiomyocyte));
    expect([...nodes.keys()]).toEqual([...before.nodes.keys()]);
    expect(nodes.get("/tables/regionprops_DAPI")?.attributes).toEqual(
      before.nodes.get("/tables/regionprops_DAPI")?.attributes,
    );
  });

  const conversions: readonly [name: string, flags: readonly string[]][] = [
    ["a pyramid", ["--pyramid"]],
    ["zstd:5", ["--codec", "zstd:5"]],
    ["blosc in shards", ["--codec", "blosc:lz4:5:shuffle", "--shard", "auto"]],
  ];
  testSample(conversions, 0)("with %s it is the same image", async ([name, flags]) => {
    const output = temp.path(`cells-${name.replaceAll(/\W/g, "-")}.ozx`);
    const run = await runOzx(["convert", cardiomyocyte, output, ...flags, "--verify"]);
    expect(run, run.stderr).toMatchObject({ code: 0, stdout: "" });
    expect(run.stderr).toContain(`all pixels and metadata are the same as in ${cardiomyocyte}`);
    // Read by zarrita alone, and not by what has compared them.
    expect(await expectSameArrays(await open(output), openDirectoryStore(cardiomyocyte))).toBe(19);
  });

  test("a read-only folder is left as it is, and nothing lies beside the output", () => {
    cpSync(temp.path("cells.ozx"), temp.path("moved.ozx"));
    expect(readdirSync(temp.path()).filter((name) => name.includes("partial"))).toEqual([]);
  });
});

test("an .ozx written to a pipe is the same file", skipFor(withoutShell("cat")), async () => {
  await writeSampleFolder(temp.path("piped.zarr"), {
    ...SMALL,
    version: "0.4",
    codec: "none",
    chunk: 2048,
    size: { c: 1, z: 1, y: 900, x: 900 },
  });
  await convert(temp.path("piped.zarr"), temp.path("file.ozx"));
  const run = await runOzx(["convert", temp.path("piped.zarr"), "-"], {
    shell: `"$@" | cat > "${temp.path("pipe.ozx")}"`,
  });
  expect(run, run.stderr).toMatchObject({ code: 0 });
  expect(readFileSync(temp.path("pipe.ozx")).equals(readFileSync(temp.path("file.ozx")))).toBe(true);
});

test(
  "a pipe that nobody reads any more ends the command with one sentence",
  skipFor(withoutShell("head")),
  async () => {
    const run = await runOzx(["convert", temp.path("piped.zarr"), "-"], {
      shell: 'set -o pipefail; "$@" | head -c 10 > /dev/null',
    });
    expect(run.stderr.trimEnd().split("\n").length).toBeLessThanOrEqual(1);
    expect(run.code === 0 || run.code === 74, String(run.code)).toBe(true);
  },
);
