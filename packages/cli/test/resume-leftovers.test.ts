import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { describeSample, notOn, sampled, skipFor, tempFolder, writeSampleFolder } from "@ozx/testing";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { readFolder } from "./support/folders.js";
import { changesIn, killingEnv } from "./support/killed-runs.js";
import { type Run, runOzx } from "./support/run-ozx.js";

const temp = tempFolder();

beforeAll(() =>
  writeSampleFolder(temp.path("image.zarr"), { size: { c: 1, z: 1, y: 64, x: 64 }, levels: 1 }),
);
beforeEach(() => {
  rmSync(temp.path("out"), { recursive: true, force: true });
  mkdirSync(temp.path("out"));
});

function convert(output: string, killAt?: number): Promise<Run> {
  const args = ["convert", "--resume", "--jobs", "1", "--codec", "gzip:1", "image.zarr", `out/${output}`];
  return runOzx(args, { cwd: temp.path(), env: killingEnv(killAt) });
}

/** Resumes what was killed: afterwards there is the output, as it was without a kill, and nothing else. */
async function expectNothingLeft(output: string, whole: Map<string, Buffer>, after: string): Promise<void> {
  const left = readdirSync(temp.path("out"));
  const next = await convert(output);
  // Where it was killed after the output was in its place, there is nothing left to do.
  expect(next, `${after}: ${next.stderr}`).toMatchObject({ code: left.includes(output) ? 6 : 0 });
  expect(readdirSync(temp.path("out")), `after ${after}, which left ${left}`).toEqual([output]);
  expect(readFolder(temp.path("out"))).toEqual(whole);
}

describeSample(["a.ozx", "a.zarr"], 1)(
  "a run that is killed at any change of the disk, as while its journal is written",
  (output) => {
    test(`leaves nothing behind after the next one has written ${output}`, { timeout: 300_000 }, async () => {
      const calls = changesIn(await convert(output, 0));
      const whole = readFolder(temp.path("out"));
      // Each third one, as each takes seconds.
      const kills = Array.from({ length: calls / 3 }, (_, k) => 3 * k + 1);
      for (const killAt of sampled(kills, 2)) {
        rmSync(temp.path("out", output), { recursive: true });
        const killed = await convert(output, killAt);
        expect(killed, `${killAt}: ${killed.stderr}`).toMatchObject({ signal: "SIGKILL" });
        await expectNothingLeft(output, whole, `a kill at ${killAt} of ${calls}`);
      }
      // The moments of a run that resumes another one.
      for (const killAt of sampled(kills.slice(kills.length / 3), 1)) {
        rmSync(temp.path("out", output), { recursive: true });
        await convert(output, Math.floor(calls * 0.6));
        await convert(output, killAt);
        await expectNothingLeft(output, whole, `a second kill at ${killAt} of ${calls}`);
      }
    });
  },
  skipFor(notOn("win32")),
);
