import { cpSync, readFileSync, rmSync } from "node:fs";
import {
  notOn,
  outsideSample,
  sampled,
  skipFor,
  tempFolder,
  withoutTool,
  writeSampleFolder,
} from "@ozx/testing";
import { createImage } from "ozx";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { hiddenIn, readFolder } from "./support/folders.js";
import { changesIn, killingEnv, pythonReads } from "./support/killed-runs.js";
import { type Run, runOzx } from "./support/run-ozx.js";

const temp = tempFolder();
const ozx = (...args: string[]) => runOzx(args, { cwd: temp.path() });

beforeEach(() => {
  for (const name of left()) rmSync(temp.path(name), { recursive: true });
});

beforeAll(async () => {
  await writeSampleFolder(temp.path("A1.zarr"), { size: { c: 1, z: 1, y: 64, x: 64 }, levels: 1 });
  for (const output of ["first.ozx", "first.zarr"]) {
    const run = await ozx("merge", "A1.zarr", output);
    expect(run, run.stderr).toMatchObject({ code: 0 });
  }
});

function append(
  target: string,
  killAt?: number,
  what: readonly string[] = ["A1.zarr", "--well", "B/2/0"],
): Promise<Run> {
  const env = killingEnv(killAt, 4096);
  return runOzx(["append", target, ...what], { cwd: temp.path(), env });
}

function begin(from: string, target: string): void {
  rmSync(temp.path(target), { recursive: true, force: true });
  cpSync(temp.path(from), temp.path(target), { recursive: true });
}

/** The runs that are killed: at each fourth change of the disk, or a sample of them. */
async function killsOf(from: string, target: string, what?: readonly string[]): Promise<number[]> {
  begin(from, target);
  const calls = changesIn(await append(target, 0, what));
  return sampled(
    Array.from({ length: calls / 4 }, (_, k) => 4 * k + 1),
    2,
  );
}

const left = (): string[] => hiddenIn(temp.path());

describe(
  "a field that is appended by a run that is killed at any change of the disk",
  skipFor(notOn("win32")),
  () => {
    test("is in the archive, or the archive is as it was; the next run ends right", {
      timeout: 600_000,
      ...skipFor(withoutTool("python3") ?? outsideSample()),
    }, async () => {
      const kills = await killsOf("first.ozx", "plate.ozx");
      const [before, after] = [pythonReads(temp.path("first.ozx")), pythonReads(temp.path("plate.ozx"))];
      const whole = readFileSync(temp.path("plate.ozx"));
      for (const killAt of kills) {
        begin("first.ozx", "plate.ozx");
        expect(await append("plate.ozx", killAt)).toMatchObject({ signal: "SIGKILL" });
        const found = pythonReads(temp.path("plate.ozx"));
        expect([before, after], `killed at ${killAt}`).toContain(found);
        const again = await append("plate.ozx");
        expect(again, again.stderr).toMatchObject({ code: found === before ? 0 : 2 });
        expect(readFileSync(temp.path("plate.ozx")).equals(whole), `killed at ${killAt}`).toBe(true);
        if (found === before) expect(left()).toEqual([]);
      }
    });

    test("is listed by a folder, or not; the next run ends right", { timeout: 600_000 }, async () => {
      const kills = await killsOf("first.zarr", "plate.zarr");
      const whole = readFolder(temp.path("plate.zarr"));
      for (const killAt of kills) {
        begin("first.zarr", "plate.zarr");
        expect(await append("plate.zarr", killAt)).toMatchObject({ signal: "SIGKILL" });
        expect(await ozx("validate", "--deep", "plate.zarr")).toMatchObject({ code: 0 });
        const isListed = readFileSync(temp.path("plate.zarr/zarr.json")).equals(
          whole.get("zarr.json") ?? Buffer.of(),
        );
        const again = await append("plate.zarr");
        expect(again, again.stderr).toMatchObject({ code: isListed ? 2 : 0 });
        expect(readFolder(temp.path("plate.zarr"))).toEqual(whole);
        if (!isListed) expect(left()).toEqual([]);
      }
    });

    test("a field of a well that is there: the folder's field_count is never too small", {
      timeout: 600_000,
      ...skipFor(outsideSample()),
    }, async () => {
      const what = ["A1.zarr", "--well", "A/1/1"];
      const kills = await killsOf("first.zarr", "plate.zarr", what);
      const fieldCount = (): number =>
        JSON.parse(readFileSync(temp.path("plate.zarr/zarr.json"), "utf8")).attributes.ome.plate.field_count;
      expect(fieldCount()).toBe(2);
      for (const killAt of kills) {
        begin("first.zarr", "plate.zarr");
        expect(await append("plate.zarr", killAt, what)).toMatchObject({ signal: "SIGKILL" });
        const run = await ozx("validate", "--strict", "plate.zarr");
        expect(run.stdout, `killed at ${killAt}`).not.toContain("field_count");
        expect(await ozx("append", "plate.zarr", "A1.zarr", "--well", "A/2/0")).toMatchObject({ code: 0 });
        expect((await ozx("validate", "--strict", "plate.zarr")).stdout).not.toContain("field_count");
      }
    });
  },
);

describe(
  "time points that are appended by a run that is killed at any change of the disk",
  skipFor(notOn("win32")),
  () => {
    const what = ["movie.zarr", "--along", "t"];

    beforeAll(async () => {
      const movie = await createImage(temp.path("movie.zarr"), {
        axes: ["t", "y", "x"],
        shape: [2, 64, 64],
        dtype: "uint8",
        levels: 2,
      });
      await movie.write(
        {},
        Uint8Array.from({ length: 2 * 64 * 64 }, (_, k) => k % 251),
      );
      await movie.close();
      for (const output of ["first-movie.ozx", "first-movie.zarr"]) {
        const run = await ozx("convert", "movie.zarr", output);
        expect(run, run.stderr).toMatchObject({ code: 0 });
      }
    });

    test("are in the archive, or the archive is as it was; the next run ends right", {
      timeout: 600_000,
      ...skipFor(withoutTool("python3")),
    }, async () => {
      const kills = await killsOf("first-movie.ozx", "grown.ozx", what);
      const [before, after] = [
        pythonReads(temp.path("first-movie.ozx")),
        pythonReads(temp.path("grown.ozx")),
      ];
      const whole = readFileSync(temp.path("grown.ozx"));
      for (const killAt of kills) {
        begin("first-movie.ozx", "grown.ozx");
        expect(await append("grown.ozx", killAt, what)).toMatchObject({ signal: "SIGKILL" });
        const found = pythonReads(temp.path("grown.ozx"));
        expect([before, after], `killed at ${killAt}`).toContain(found);
        const again = await append("grown.ozx", undefined, what);
        expect(again, again.stderr).toMatchObject({ code: 0 });
        if (found === before) expect(readFileSync(temp.path("grown.ozx")).equals(whole)).toBe(true);
        expect(left()).toEqual([]);
      }
    });

    test("in a folder, those that were there are unchanged; the next run ends right", {
      timeout: 600_000,
      ...skipFor(outsideSample()),
    }, async () => {
      const kills = await killsOf("first-movie.zarr", "grown.zarr", what);
      const whole = readFolder(temp.path("grown.zarr"));
      const shapes = (): number[] =>
        ["0", "1"].map(
          (level) => JSON.parse(readFileSync(temp.path(`grown.zarr/${level}/zarr.json`), "utf8")).shape[0],
        );
      expect(shapes()).toEqual([4, 4]);
      for (const killAt of kills) {
        begin("first-movie.zarr", "grown.zarr");
        expect(await append("grown.zarr", killAt, what)).toMatchObject({ signal: "SIGKILL" });
        const first = readFolder(temp.path("first-movie.zarr"));
        const found = readFolder(temp.path("grown.zarr"));
        for (const [key, value] of first)
          if (!key.endsWith("zarr.json")) expect(found.get(key)).toEqual(value);
        const now = Math.min(...shapes());
        const again = await append("grown.zarr", undefined, what);
        expect(again, again.stderr).toMatchObject({ code: 0 });
        if (now === 2) expect(readFolder(temp.path("grown.zarr"))).toEqual(whole);
        else expect(shapes()).toEqual([6, 6]);
      }
    });
  },
);
