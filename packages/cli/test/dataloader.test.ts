import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { readValues, tempFolder, testSample, writeSampleFolder } from "@ozx/testing";
import { createImage, createPlate, open } from "ozx";
import { beforeAll, expect, test } from "vitest";
import { runOzx } from "./support/run-ozx.js";

const SIZE = { c: 2, z: 3, y: 200, x: 150 };
const [DEPTH, HEIGHT, WIDTH] = [2, 40, 30];
const SHAPE = [1, DEPTH, HEIGHT, WIDTH];

interface Patch {
  readonly start: readonly number[];
  readonly values: readonly number[];
}

const temp = tempFolder();

beforeAll(async () => {
  await writeSampleFolder(temp.path("cells.zarr"), { size: SIZE, levels: 1, chunk: 32 });
  await runOzx(["convert", "--shard", "auto", "cells.zarr", "cells.ozx"], { cwd: temp.path() });
});

/** What the loader yields, in a process of its own as users have it. */
async function loadPatches(name: string, options: object, ...most: string[]): Promise<Patch[]> {
  const script = fileURLToPath(new URL("support/patches.mjs", import.meta.url));
  const { stdout } = await run(script, temp.path(name), JSON.stringify(options), ...most);
  return JSON.parse(stdout) as Patch[];
}

function run(script: string, ...args: string[]): Promise<{ stdout: string }> {
  return promisify(execFile)(process.execPath, [script, ...args], { maxBuffer: 2 ** 26 });
}

/** The values of a patch, from those of the whole image. */
function cut(values: readonly unknown[], [c = 0, z = 0, y = 0, x = 0]: Patch["start"]): unknown[] {
  const found: unknown[] = [];
  for (let plane = z; plane < z + DEPTH; plane++) {
    for (let row = y; row < y + HEIGHT; row++) {
      const at = ((c * SIZE.z + plane) * SIZE.y + row) * SIZE.x + x;
      found.push(...values.slice(at, at + WIDTH));
    }
  }
  return found;
}

test("every patch of every thread is what the folder holds, and the seed decides which", async () => {
  const { values } = await readValues(await open(temp.path("cells.zarr")), "/0");
  const options = { patch: SHAPE, count: 20 };
  const byFour = await loadPatches("cells.ozx", { ...options, threads: 4 });
  expect(byFour).toHaveLength(20);
  for (const { start, values: found } of byFour) expect(found).toEqual(cut(values, start));
  expect(await loadPatches("cells.ozx", { ...options, threads: 1 })).toEqual(byFour);
  expect(await loadPatches("cells.zarr", { ...options, threads: 3 })).toEqual(byFour);
  expect((await loadPatches("cells.ozx", { ...options, seed: 2 }))[0]?.start).not.toEqual(byFour[0]?.start);
});

test("a loader that is left early ends its threads", async () => {
  expect(await loadPatches("cells.ozx", { patch: SHAPE }, "3")).toHaveLength(3);
});

testSample<[patch: unknown, message: string]>(
  [
    [[1, 1, 64], "has 3 extents, but the image has 4 axes (c: 2, z: 3, y: 200, x: 150)"],
    [[1, 1, 64, 64, 1], "has 5 extents"],
    [[1, 4, 64, 64], "does not fit into the image (c: 2, z: 3"],
    [{ y: 64, t: 2 }, "the image has no axis t (c: 2, z: 3, y: 200, x: 150)"],
    [{ y: 201 }, "a patch of [1,1,201,1] does not fit into the image"],
  ],
  2,
)("patches of %j are refused", async ([patch, message]) => {
  await expect(loadPatches("cells.ozx", { patch, count: 1 })).rejects.toThrow(message);
});

test.each([
  [
    ["y", "x"],
    [90, 70],
    [40, 30],
  ],
  [
    ["t", "c", "z", "y", "x"],
    [3, 2, 4, 50, 60],
    [2, 1, 1, 40, 30],
  ],
])("patches of an image of axes %j are as large as their names say", async (axes, shape, extents) => {
  const count = shape.reduce((product, size) => product * size);
  const values = Uint16Array.from({ length: count }, (_, i) => (i * 2654435761) >>> 16);
  const path = temp.path(`${axes.join("")}.ozx`);
  const image = await createImage(path, { axes, shape, dtype: "uint16", levels: 1 });
  await image.write({}, values);
  await image.close();
  const patch = Object.fromEntries(axes.flatMap((name, i) => (extents[i] === 1 ? [] : [[name, extents[i]]])));
  const patches = await loadPatches(`${axes.join("")}.ozx`, { patch, count: 10, threads: 2 });
  expect(patches).toHaveLength(10);
  for (const { start, values: found } of patches) {
    const expected: number[] = [];
    const walk = (axis: number, at: number): void => {
      const from = start[axis] ?? 0;
      for (let i = from; i < from + (extents[axis] ?? 0); i++) {
        const next = at * (shape[axis] ?? 0) + i;
        if (axis === axes.length - 1) expected.push(values[next] ?? -1);
        else walk(axis + 1, next);
      }
    };
    walk(0, 0);
    expect(found).toEqual(expected);
  }
});

test("what the command cannot do is told in one sentence", async () => {
  const script = fileURLToPath(new URL("../../../examples/dataloader/main.mjs", import.meta.url));
  const failure = { code: 1, stderr: expect.stringMatching(/^dataloader: [^\n]+\n$/) };
  await expect(run(script, temp.path("nope.ozx"))).rejects.toMatchObject(failure);
  await expect(run(script, temp.path("cells.ozx"), "x", "2")).rejects.toMatchObject(failure);
  await expect(run(script, temp.path("cells.ozx"), "5", "2", "64")).rejects.toMatchObject(failure);
});

test("an image of a plate is named by its path, and asked for where there is none", async () => {
  const plate = await createPlate(temp.path("plate.ozx"), { rows: ["A", "B"], columns: ["1", "2", "3"] });
  const field = await plate.createField("B/3", { axes: ["y", "x"], shape: [80, 90], dtype: "uint8" });
  await field.write({}, new Uint8Array(80 * 90).fill(7));
  await plate.close();
  const script = fileURLToPath(new URL("../../../examples/dataloader/main.mjs", import.meta.url));
  const { stdout } = await run(script, temp.path("plate.ozx"), "9", "2", "y=64,x=64", "B/3/0");
  expect(stdout).toMatch(/^9 patches by 2 threads in .* s, mean 7\.000\n$/);
  await expect(run(script, temp.path("plate.ozx"), "9", "2")).rejects.toMatchObject({
    stderr: expect.stringMatching(
      /^dataloader: .*plate.ozx has no OME-Zarr 0.5 image at its root .* as in B\/3\/0/,
    ),
  });
});

test("one command shows it", async () => {
  const script = fileURLToPath(new URL("../../../examples/dataloader/main.mjs", import.meta.url));
  const { stdout } = await run(script, temp.path("cells.ozx"), "50", "2");
  expect(stdout).toMatch(/^50 patches by 2 threads in .* s, mean \d+\.\d+\n$/);
  const small = await run(script, temp.path("cells.ozx"), "50", "2", "z=2,y=20,x=10");
  expect(small.stdout).toMatch(/^50 patches by 2 threads/);
});
