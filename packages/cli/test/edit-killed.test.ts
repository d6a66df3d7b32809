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
  await writeSampleFolder(temp.path("first.zarr"), { size: { c: 1, z: 1, y: 64, x: 64 }, levels: 1 });
  expect(await ozx("convert", "first.zarr", "first.ozx")).toMatchObject({ code: 0 });
});

function edit(target: string, killAt?: number): Promise<Run> {
  const env = killingEnv(killAt, 4096);
  return runOzx(["edit", target, "--scale", "y=0.1,x=0.1", "--name", "edited"], { cwd: temp.path(), env });
}

function begin(from: string, target: string): void {
  for (const name of [target, ...left()]) rmSync(temp.path(name), { recursive: true, force: true });
  cpSync(temp.path(from), temp.path(target), { recursive: true });
}

/** The runs that are killed: at each second change of the disk, or a sample of them. */
async function killsOf(from: string, target: string): Promise<number[]> {
  begin(from, target);
  const calls = changesIn(await edit(target, 0));
  return sampled(
    Array.from({ length: calls / 2 }, (_, k) => 2 * k + 1),
    3,
  );
}

const left = (): string[] => hiddenIn(temp.path());

describe("an edit that is killed at any change of the disk", skipFor(notOn("win32")), () => {
  test("leaves the archive as it was before or is after, and can be repeated and undone", {
    timeout: 600_000,
    ...skipFor(withoutTool("python3")),
  }, async () => {
    const kills = await killsOf("first.ozx", "image.ozx");
    const [before, after] = [pythonReads(temp.path("first.ozx")), pythonReads(temp.path("image.ozx"))];
    for (const killAt of kills) {
      begin("first.ozx", "image.ozx");
      expect(await edit("image.ozx", killAt)).toMatchObject({ signal: "SIGKILL" });
      const found = pythonReads(temp.path("image.ozx"));
      expect([before, after], `killed at ${killAt}`).toContain(found);
      if (found === before) {
        const again = await edit("image.ozx");
        expect(again, again.stderr).toMatchObject({ code: 0 });
        expect(pythonReads(temp.path("image.ozx"))).toBe(after);
      }
      const undone = await ozx("edit", "image.ozx", "--undo");
      expect(undone, `killed at ${killAt}: ${undone.stderr}`).toMatchObject({ code: 0 });
      expect(pythonReads(temp.path("image.ozx"))).toBe(before);
      expect(left()).toEqual([]);
    }
  });

  test("leaves each document of a folder as it was before or is after, and undo restores all", {
    timeout: 600_000,
    ...skipFor(outsideSample()),
  }, async () => {
    const kills = await killsOf("first.zarr", "image.zarr");
    const [before, after] = [readFolder(temp.path("first.zarr")), readFolder(temp.path("image.zarr"))];
    for (const killAt of kills) {
      begin("first.zarr", "image.zarr");
      expect(await edit("image.zarr", killAt)).toMatchObject({ signal: "SIGKILL" });
      const found = readFolder(temp.path("image.zarr"));
      expect([...found.keys()]).toEqual([...before.keys()]);
      for (const [name, bytes] of found) {
        const isOne = [before, after].some((files) => files.get(name)?.equals(bytes));
        expect(isOne, `${name}, killed at ${killAt}`).toBe(true);
      }
      const isBegun = [...found].some(([name, bytes]) => !before.get(name)?.equals(bytes));
      if (!isBegun) expect(await edit("image.zarr")).toMatchObject({ code: 0 });
      const undone = await ozx("edit", "image.zarr", "--undo");
      expect(undone, `killed at ${killAt}: ${undone.stderr}`).toMatchObject({ code: 0 });
      expect(readFolder(temp.path("image.zarr"))).toEqual(before);
    }
  });
});

test("a record of what was there is not written where nothing changes", async () => {
  begin("first.ozx", "image.ozx");
  const bytes = readFileSync(temp.path("image.ozx"));
  expect(await ozx("edit", "image.ozx", "--scale", "c=1")).toMatchObject({ code: 0 });
  expect(readFileSync(temp.path("image.ozx")).equals(bytes)).toBe(true);
  expect(left()).toEqual([]);
});
