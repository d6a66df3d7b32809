import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { isFullRun, notOn, skipFor, tempFolder, testSample, withoutTool } from "@ozx/testing";
import { createImage, isOzxError, openOmeZarr } from "ozx";
import { describe, expect, test } from "vitest";
import { hiddenIn } from "./support/folders.js";
import { runOzx } from "./support/run-ozx.js";

/** Images of unknown length: `image.append(pixels)`. */

const temp = tempFolder();
const CAMERA = fileURLToPath(new URL("support/camera.mjs", import.meta.url));
const SIDE = 64;
const FRAMES = { axes: ["t", "y", "x"], shape: [undefined, SIDE, SIDE], dtype: "uint16", levels: 2 } as const;

const frame = (t: number): Uint16Array =>
  Uint16Array.from({ length: SIDE * SIDE }, (_, k) => ((k * 31) % 1000) + t);

/** How many time points an image has; each must have its pixels, on both levels. */
async function timesIn(path: string): Promise<number> {
  const node = await openOmeZarr(path, { workers: 0 });
  try {
    const [large, small] = [node.images[0]?.level(0), node.images[0]?.level(1)];
    const length = large?.shape[0] ?? 0;
    for (let t = 0; t < length; t++) expect((await large?.read({ t }))?.data).toEqual(frame(t));
    if ((small?.shape[0] ?? 0) < length) throw new Error("the lower level is shorter");
    return length;
  } finally {
    await node.close();
  }
}

test.each(["movie.ozx", "movie.zarr"])(
  "%s is visible from the first time point on, and valid when closed",
  async (name) => {
    const path = temp.path(name);
    await using image = await createImage(path, { ...FRAMES, shards: [1, 64, 64], chunks: [1, 32, 32] });
    expect(existsSync(path)).toBe(false);
    for (let t = 0; t < 4; t++) {
      expect(await image.append(frame(t))).toBe(t);
      expect(await timesIn(path)).toBe(t + 1);
    }
    const three = [4, 5, 6].map((t) => image.append(frame(t)));
    expect(await Promise.all(three)).toEqual([4, 5, 6]);
    const two = new Uint16Array(2 * SIDE * SIDE);
    two.set(frame(7));
    two.set(frame(8), SIDE * SIDE);
    expect(await image.append(two)).toBe(7);
    expect(image.length).toBe(9);
    await expect(createImage(path, FRAMES)).rejects.toThrow(/exists already/);
    await expect(createImage(path, { ...FRAMES, overwrite: true })).rejects.toThrow(
      /is being written by this process/,
    );
    await image.close();
    expect(await timesIn(path)).toBe(9);
    const run = await runOzx(["validate", "--deep", path]);
    expect(run, run.stdout).toMatchObject({ code: 0 });
    expect(hiddenIn(temp.path())).toEqual([]);
    await expect(image.append(frame(9))).rejects.toThrow(/is closed/);
  },
);

test("is refused: the wrong type or number of pixels, chunks of several time points, other axes", async () => {
  const path = temp.path("refused.ozx");
  await expect(createImage(path, { ...FRAMES, chunks: [2, 64, 64] })).rejects.toThrow(/the size 1 along t/);
  const other = { ...FRAMES, shape: [undefined, undefined, 64] as never };
  await expect(createImage(path, other)).rejects.toThrow(/only the first size/);
  await expect(createImage(path, { ...FRAMES, axes: ["c", "y", "x"] })).rejects.toThrow(
    /cannot grow along c/,
  );
  await using image = await createImage(path, FRAMES);
  await expect(image.append(new Uint8Array(SIDE * SIDE))).rejects.toThrow(/Uint16Array/);
  await expect(image.append(new Uint16Array(7))).rejects.toThrow(/4096 pixels/);
  expect(existsSync(path)).toBe(false);
});

test("an image is not begun when its signal is aborted", async () => {
  const path = temp.path("aborted.ozx");
  const signal = AbortSignal.abort(new Error("stopped"));
  await expect(
    createImage(path, { ...FRAMES, signal }).then((image) => image.append(frame(0))),
  ).rejects.toThrow("stopped");
  expect(existsSync(path)).toBe(false);
});

test("neither an address nor a pipe can be appended to", async () => {
  for (const path of ["s3://bucket/movie.ozx", "https://example.org/movie.ozx", "-"]) {
    await expect(createImage(path, FRAMES), path).rejects.toThrow(/cannot be appended to|server/);
  }
});

test("another file at its path is noticed, and left as it is", async () => {
  const path = temp.path("replaced.ozx");
  const image = await createImage(path, FRAMES);
  await image.append(frame(0));
  rmSync(path);
  writeFileSync(path, "mine");
  await expect(image.append(frame(1))).rejects.toMatchObject({ _tag: "SourceChanged" });
  await expect(image.append(frame(2))).rejects.toMatchObject({ _tag: "SourceChanged" });
  await image.close();
  expect(readFileSync(path, "utf8")).toBe("mine");
});

test("an image that nothing was appended to is not there, and close says so", async () => {
  const image = await createImage(temp.path("none.ozx"), FRAMES);
  await expect(image.close()).rejects.toThrow(/nothing was written/);
  expect(readdirSync(temp.path()).filter((one) => one.includes("none"))).toEqual([]);
});

/** A reader that opens an image in the moment in which it grows is told that it has changed, and tries again. */
async function whenUnchanged(read: () => Promise<number>): Promise<number> {
  for (let tries = 0; ; tries++) {
    try {
      return await read();
    } catch (error) {
      if (!isOzxError(error, "SourceChanged") || tries === 20) throw error;
    }
  }
}

/** Runs a camera for some milliseconds, and kills it; returns how many time points it said were durable. */
async function shoot(
  path: string,
  kind: string,
  until: (durable: () => number) => Promise<void>,
): Promise<number> {
  const camera: ChildProcess = spawn(process.execPath, [CAMERA, path, kind], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let durable = 0;
  camera.stdout?.on("data", (text: Buffer) => {
    durable = Number(text.toString().trim().split("\n").at(-1));
  });
  const ended = once(camera, "exit");
  while (durable === 0) await setTimeout(5);
  await until(() => durable);
  camera.kill("SIGKILL");
  await ended;
  return durable;
}

describe.each(["ozx", "zarr"])("killed while it appends to .%s", skipFor(notOn("win32")), (suffix) => {
  testSample(["alone", "together"], 1)(
    "%s: all that was durable is there, and can be appended to",
    async (kind) => {
      const runs = isFullRun ? 8 : 1;
      for (let k = 0; k < runs; k++) {
        const path = temp.path(`killed-${kind}-${k}.${suffix}`);
        const durable = await shoot(path, kind, () => setTimeout((k * 37) % 150));
        const times = await timesIn(path);
        expect(times).toBeGreaterThanOrEqual(durable);
        if (suffix === "zarr") continue;
        const run = await runOzx(["validate", "--deep", path]);
        expect(run, run.stdout).toMatchObject({ code: 0 });
        const more = await createImage(temp.path(`more-${k}.ozx`), { ...FRAMES, overwrite: true });
        await more.append(frame(times));
        await more.close();
        const appended = await runOzx(["append", path, temp.path(`more-${k}.ozx`), "--along", "t"]);
        expect(appended, appended.stderr).toMatchObject({ code: 0 });
        expect(await timesIn(path)).toBe(times + 1);
      }
    },
    { timeout: 120_000 },
  );

  test("another process reads along", { timeout: 60_000 }, async () => {
    const path = temp.path(`live.${suffix}`);
    const seen: number[] = [];
    await shoot(path, "alone", async (durable) => {
      for (let k = 0; k < 5; k++) {
        const before = durable();
        const times = await whenUnchanged(() => timesIn(path));
        expect(times).toBeGreaterThanOrEqual(before);
        seen.push(times);
      }
    });
    expect([...seen].sort((a, b) => a - b)).toEqual(seen);
  });
});

test(
  "Python's zipfile reads what a killed camera has left",
  skipFor(notOn("win32") ?? withoutTool("python3")),
  async () => {
    const path = temp.path("python.ozx");
    const durable = await shoot(path, "alone", () => setTimeout(50));
    const script =
      "import sys, json, zipfile\nwith zipfile.ZipFile(sys.argv[1]) as z:\n    assert z.testzip() is None\n    print(json.loads(z.read('0/zarr.json'))['shape'][0])";
    expect(Number(execFileSync("python3", ["-c", script, path]).toString())).toBeGreaterThanOrEqual(durable);
  },
);
