import { cpSync, readFileSync, rmSync } from "node:fs";
import { tempFolder } from "@ozx/testing";
import { addLabels, createImage, openOmeZarr } from "ozx";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { hiddenIn, readFolder } from "./support/folders.js";
import { type Run, runOzx } from "./support/run-ozx.js";

const temp = tempFolder();
const ozx = (...args: string[]) => runOzx(args, { cwd: temp.path() });
const SIDE = 300;

async function done(running: Promise<Run>): Promise<Run> {
  const run = await running;
  expect(run, run.stderr + run.stdout).toMatchObject({ code: 0 });
  return run;
}

const valuesAt = (t: number): Uint16Array =>
  Uint16Array.from({ length: SIDE * SIDE }, (_, k) => ((k * 7919) % 251) + 1000 * t);

interface Movie {
  readonly axes: readonly ("t" | "y" | "x")[];
  readonly chunk?: number;
  readonly shards?: readonly number[];
}

/** An image of some time points, of which each has pixels of its own. */
async function makeMovie(
  name: string,
  times: readonly number[],
  { axes, chunk = 1, shards }: Movie,
): Promise<void> {
  const isTimed = axes.includes("t");
  const image = await createImage(temp.path(name), {
    axes,
    shape: isTimed ? [times.length, SIDE, SIDE] : [SIDE, SIDE],
    dtype: "uint16",
    name: "movie",
    chunks: isTimed ? [chunk, 128, 128] : [128, 128],
    ...(shards && { shards }),
    overwrite: true,
  });
  for (const [at, t] of times.entries()) await image.write(isTimed ? { t: at } : {}, valuesAt(t));
  await image.close();
}

const TYX: Movie = { axes: ["t", "y", "x"] };

beforeAll(async () => {
  await makeMovie("first.ozx", [0, 1], TYX);
  await makeMovie("later.zarr", [2, 3, 4], TYX);
  await makeMovie("frame.ozx", [5], { axes: ["y", "x"] });
  await done(ozx("convert", "later.zarr", "old.zarr", "--ome-zarr-version", "0.4"));
});

beforeEach(() => {
  rmSync(temp.path("movie.ozx"), { force: true });
  cpSync(temp.path("first.ozx"), temp.path("movie.ozx"));
});

async function expectTimes(name: string, times: readonly number[]): Promise<void> {
  const image = await openOmeZarr(temp.path(name));
  const level = image.images[0]?.level(0);
  expect(level?.shape[0]).toBe(times.length);
  for (const [at, t] of times.entries()) expect((await level?.read({ t: at }))?.data).toEqual(valuesAt(t));
  await image.close();
  await done(ozx("validate", "--deep", name));
}

test("time points follow those that are there, from images of any version, on all levels", async () => {
  const before = readFileSync(temp.path("movie.ozx"));
  const run = await done(ozx("append", "movie.ozx", "later.zarr", "--along", "t"));
  expect(run.stderr).toContain("movie.ozx: added later.zarr along t");
  expect(run.stderr).toContain("ozx fix --force movie.ozx");
  await expectTimes("movie.ozx", [0, 1, 2, 3, 4]);
  await done(ozx("append", "movie.ozx", "old.zarr", "frame.ozx", "--along", "t"));
  await expectTimes("movie.ozx", [0, 1, 2, 3, 4, 2, 3, 4, 5]);
  const data = before.indexOf("PK\u0001\u0002");
  expect(readFileSync(temp.path("movie.ozx")).subarray(0, data).equals(before.subarray(0, data))).toBe(true);
  const [movie, later] = [
    await openOmeZarr(temp.path("movie.ozx")),
    await openOmeZarr(temp.path("later.zarr")),
  ];
  const [low, added] = [movie.images[0]?.level(1), later.images[0]?.level(1)];
  expect(low?.shape).toEqual([9, SIDE / 2, SIDE / 2]);
  expect((await low?.read({ t: 3 }))?.data).toEqual((await added?.read({ t: 1 }))?.data);
  await Promise.all([movie.close(), later.close()]);
  expect(hiddenIn(temp.path())).toEqual([]);
});

test.each(["0.4", "0.6"])("a folder of OME-Zarr %s grows too", async (version) => {
  await done(ozx("convert", "first.ozx", "movie.zarr", "--ome-zarr-version", version, "--force"));
  await done(ozx("append", "movie.zarr", "later.zarr", "--along", "t"));
  await expectTimes("movie.zarr", [0, 1, 2, 3, 4]);
});

test("label images continue where both images have them; others are named", async () => {
  for (const name of ["movie.ozx", "labelled.ozx"]) {
    if (name === "labelled.ozx") await done(ozx("convert", "later.zarr", name));
    const labels = await addLabels(temp.path(name), "cells");
    await labels.write({ t: 0 }, new Uint32Array(SIDE * SIDE).fill(9));
    await labels.close();
  }
  await done(ozx("append", "movie.ozx", "labelled.ozx", "--along", "t"));
  const image = await openOmeZarr(temp.path("movie.ozx"));
  const cells = image.labels[0]?.level(0);
  expect(cells?.shape).toEqual([5, SIDE, SIDE]);
  expect((await cells?.read({ t: 2 }))?.data).toEqual(new Uint32Array(SIDE * SIDE).fill(9));
  await image.close();
  const run = await done(ozx("append", "movie.ozx", "later.zarr", "--along", "t"));
  expect(run.stderr).toContain("labels/cells is not continued along t");
});

describe("is refused, and nothing is written:", () => {
  beforeAll(async () => {
    await makeMovie("pairs.ozx", [0, 1, 2], { ...TYX, chunk: 2 });
    await makeMovie("pair.ozx", [0, 1], { ...TYX, chunk: 2 });
    await makeMovie("sharded.ozx", [0, 1], { ...TYX, shards: [2, 256, 256] });
    await done(ozx("convert", "later.zarr", "gzip.ozx", "--codec", "gzip:1"));
    await done(ozx("convert", "later.zarr", "bytes.ozx", "--dtype", "uint8", "--window", "0..5000"));
    await done(ozx("convert", "later.zarr", "flat.ozx", "--levels", "0:1"));
  });

  test.each([
    ["movie.ozx", "later.zarr", "z", "has no axis z: its axes are t, y, x"],
    ["movie.ozx", "later.zarr", "y", "only images of one size"],
    ["movie.ozx", "pair.ozx", "t", "not stored as those of movie.ozx"],
    ["movie.ozx", "sharded.ozx", "t", "--chunks, --shard and --codec"],
    ["movie.ozx", "bytes.ozx", "t", "has pixels of uint8 and movie.ozx of uint16"],
    ["movie.ozx", "gzip.ozx", "t", "gzip"],
    ["movie.ozx", "flat.ozx", "t", "has 1 levels"],
    ["pairs.ozx", "pair.ozx", "t", "so the last one is not full"],
  ])("%s by %s along %s", async (target, input, axis, why) => {
    const before = readFolder(temp.path());
    const run = await ozx("append", target, input, "--along", axis);
    expect(run, run.stderr).toMatchObject({ code: 2 });
    expect(run.stderr).toContain(why);
    expect(readFolder(temp.path())).toEqual(before);
  });

  test("with the options of plates", async () => {
    const run = await ozx("append", "movie.ozx", "later.zarr", "--along", "t", "--well", "B/3");
    expect(run).toMatchObject({ code: 2 });
  });
});
