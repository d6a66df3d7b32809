import { spawnSync } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { tempFolder } from "@ozx/testing";
import { addLabels, createImage, createPlate } from "ozx";
import { expect, test } from "vitest";

/** Writers that are not closed, and what closing says. */

const temp = tempFolder();
const LEAVER = fileURLToPath(new URL("support/left-open.mjs", import.meta.url));
const IMAGE = { axes: ["c", "y", "x"], shape: [2, 100, 80], dtype: "uint8" } as const;

for (const suffix of ["ozx", "zarr"]) {
  test.each([
    ["throws", 1],
    ["exits", 3],
    ["ends", 0],
  ])(`a process that %s leaves nothing beside an .${suffix}`, (how, code) => {
    const run = spawnSync(process.execPath, [LEAVER, temp.path(`left.${suffix}`), how], { encoding: "utf8" });
    expect(run.status, run.stderr).toBe(code);
    expect(readdirSync(temp.path())).toEqual([]);
  });

  test(`"await using" discards an .${suffix} that is not closed, and keeps one that is`, async () => {
    const path = temp.path(`scope.${suffix}`);
    const leave = async (): Promise<void> => {
      await using image = await createImage(path, IMAGE);
      await image.write({ c: 0 }, new Uint8Array(8000));
      throw new Error("out of focus");
    };
    await expect(leave()).rejects.toThrow("out of focus");
    expect(readdirSync(temp.path())).toEqual([]);
    {
      await using image = await createImage(path, IMAGE);
      await image.write({}, new Uint8Array(16000));
      await image.close();
    }
    {
      await using labels = await addLabels(path, "cells");
      await labels.write({ y: 0 }, new Uint32Array(80));
    }
    {
      await using plate = await createPlate(temp.path(`plate.${suffix}`), { rows: ["A"], columns: ["1"] });
      await plate.createField("A/1", IMAGE);
    }
    expect(readdirSync(temp.path())).toEqual([`scope.${suffix}`]);
    rmSync(path, { recursive: true });
  });

  test(`a second writer of the same .${suffix} is refused when it begins`, async () => {
    const path = temp.path(`twice.${suffix}`);
    const plate = { rows: ["A"], columns: ["1"] };
    await using first = await createPlate(path, plate);
    await expect(createPlate(path, plate)).rejects.toThrow(/is being written by this process/);
    await expect(createImage(path, IMAGE)).rejects.toThrow(/is being written by this process/);
    await first.discard();
    await using second = await createPlate(path, plate);
    await second.discard();
  });
}

test("close says which pixels were never written", async () => {
  const image = await createImage(temp.path("holes.ozx"), { ...IMAGE, overwrite: true });
  for (let y = 0; y < 100; y += 10) {
    if (y === 30) continue;
    await image.write({ c: 0, y: [y, y + 10] }, new Uint8Array(800));
  }
  await image.write({ c: 1, y: [0, 50], x: [10, 80] }, new Uint8Array(50 * 70));
  const labels = await image.createLabels("cells");
  await labels.write({ y: [0, 99] }, new Uint32Array(99 * 80));
  const { unwritten } = await image.close();
  expect(unwritten).toEqual([
    {
      path: "/",
      pixels: 800 + 50 * 10 + 50 * 80,
      regions: expect.arrayContaining([{ c: [0, 1], y: [30, 40], x: [0, 80] }]),
    },
    { path: "/labels/cells", pixels: 80, regions: [{ y: [99, 100], x: [0, 80] }] },
  ]);
  const size = (region: Readonly<Record<string, readonly [number, number]>>): number =>
    Object.values(region).reduce((product, [start, stop]) => product * (stop - start), 1);
  for (const { pixels, regions } of unwritten)
    expect(regions.reduce((sum, one) => sum + size(one), 0)).toBe(pixels);
});

test("all written, in any order: nothing to say", async () => {
  const image = await createImage(temp.path("whole.ozx"), IMAGE);
  const tiles = [0, 1].flatMap((c) =>
    [0, 25, 50, 75].flatMap((y) => [0, 20, 40, 60].map((x) => ({ c, y, x }))),
  );
  tiles.sort((a, b) => ((a.x * 7 + a.y * 3 + a.c) % 11) - ((b.x * 7 + b.y * 3 + b.c) % 11));
  for (const { c, y, x } of tiles) {
    await image.write({ c, y: [y, y + 25], x: [x, x + 20] }, new Uint8Array(500));
  }
  expect(await image.close()).toEqual({ unwritten: [] });
});
