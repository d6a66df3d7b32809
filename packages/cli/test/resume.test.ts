import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isFullRun, outsideSample, skipFor, tempFolder, testSample, writeSampleFolder } from "@ozx/testing";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { journalNotes } from "./support/journal-notes.js";
import { type Run, runOzx } from "./support/run-ozx.js";

const temp = tempFolder();
const MB = 1_000_000;
let whole: Buffer;

beforeAll(async () => {
  await writeSampleFolder(temp.path("image.zarr"), { size: { c: 1, z: 1, y: 64, x: 64 }, levels: 1 });
  mkdirSync(temp.path("image.zarr/more"));
  const bytes = new Uint8Array(MB).map((_, at) => at * at);
  for (let i = 0; i < 200; i++) {
    bytes.fill(i, 0, 100_000);
    writeFileSync(temp.path("image.zarr/more", `${i}`), bytes.subarray(0, MB - i));
  }
  const run = await runOzx(["convert", "--jobs", "1", "image.zarr", "whole.ozx"], { cwd: temp.path() });
  expect(run, run.stderr).toMatchObject({ code: 0 });
  whole = readFileSync(temp.path("whole.ozx"));
});

beforeEach(() => {
  rmSync(temp.path("out"), { recursive: true, force: true });
  mkdirSync(temp.path("out"));
});

const partials = (): string[] => readdirSync(temp.path("out")).filter((name) => name.includes(".partial-"));

/** Runs convert, and ends it as soon as something is there, or some milliseconds after its start. */
async function convertAndKill(
  signal: NodeJS.Signals,
  when: number | (() => boolean),
  options: readonly string[],
  output = "a.ozx",
): Promise<Run> {
  let timer: NodeJS.Timeout | undefined;
  const run = await runOzx(["convert", ...options, temp.path("image.zarr"), temp.path("out", output)], {
    onStart: (kill) => {
      timer =
        typeof when === "number"
          ? setTimeout(() => kill(signal), when)
          : setInterval(() => {
              if (!when()) return;
              // Once: a second one would not let it clean up.
              clearInterval(timer);
              kill(signal);
            }, 1);
    },
  });
  clearTimeout(timer);
  return run;
}

describe("a run that is killed", () => {
  test("at any moment, again and again, leaves what the next run resumes", async () => {
    let gains = 0;
    // Drawn once, so that each run of the test kills at the same moments: at a note, or so many ms after the start.
    const moments = ["note", 412, "note", 655, "note", 287, "note"] as const;
    for (const [round, drawn] of (isFullRun ? moments : moments.slice(0, 3)).entries()) {
      const before = journalNotes(temp.path("out"));
      const options = ["--resume", "--jobs", String(1 + (round % 3))];
      const moment = drawn === "note" ? () => journalNotes(temp.path("out")) > before : drawn;
      await convertAndKill("SIGKILL", moment, options);
      if (journalNotes(temp.path("out")) > before) gains++;
      // A killed run leaves the old bytes or the complete new ones, which here are none or all.
      if (readdirSync(temp.path("out")).includes("a.ozx")) {
        expect(readFileSync(temp.path("out/a.ozx")).equals(whole)).toBe(true);
        rmSync(temp.path("out/a.ozx"));
      }
    }
    expect(gains).toBeGreaterThan(0);
    // A round may have come to its end before it was killed.
    const said =
      journalNotes(temp.path("out")) > 0
        ? /^Resuming after [1-9]\d* of 2\d\d entries \(\d.* MB of 200 MB\)\.$/m
        : /^Starting from the beginning/m;
    const run = await runOzx(["convert", "--resume", "image.zarr", "out/a.ozx"], { cwd: temp.path() });
    expect(run, run.stderr).toMatchObject({ code: 0, stdout: "" });
    expect(run.stderr).toMatch(said);
    // Also of runs that were killed before they had a journal, which no other one resumes.
    expect(run.stderr).not.toContain("left over");
    expect(readdirSync(temp.path("out"))).toEqual(["a.ozx"]);
    expect(readFileSync(temp.path("out/a.ozx")).equals(whole)).toBe(true);
  });

  testSample(["a.ozx", "a.zarr"], 1)(
    "is reported by the next one without --resume, into %s",
    async (name) => {
      const killed = await convertAndKill("SIGKILL", () => partials().length > 0, [], name);
      expect(killed).toMatchObject({ signal: "SIGKILL" });
      const [left] = partials();
      const run = await runOzx(["convert", "image.zarr", `out/${name}`], { cwd: temp.path() });
      expect(run, run.stderr).toMatchObject({ code: 0 });
      expect(run.stderr).toContain(`out/${left} is left over from a run that was killed.`);
    },
  );

  test("is not resumed with other options, which says why", async () => {
    await convertAndKill("SIGKILL", () => journalNotes(temp.path("out")) > 0, ["--resume", "--jobs", "1"]);
    // The lock of the killed run is taken over.
    const left = readdirSync(temp.path("out")).filter((name) => !name.endsWith(".lock"));
    const run = await runOzx(
      ["convert", "--resume", "--ome-zarr-version", "0.6", "image.zarr", "out/a.ozx"],
      { cwd: temp.path() },
    );
    expect(run).toMatchObject({ code: 2, stdout: "" });
    expect(run.stderr).toContain("that was started with another input, other options");
    expect(readdirSync(temp.path("out"))).toEqual(left);
  });
});

test("an interrupted run with --resume says how to continue, and that works", async () => {
  const run = await convertAndKill("SIGINT", () => journalNotes(temp.path("out")) > 0, [
    "--resume",
    "--jobs",
    "2",
  ]);
  expect(run).toMatchObject({ code: 130 });
  expect(run.stderr).toContain("--resume continues it");
  const next = await runOzx(["convert", "--resume", "image.zarr", "out/a.ozx"], { cwd: temp.path() });
  expect(next, next.stderr).toMatchObject({ code: 0 });
  expect(readFileSync(temp.path("out/a.ozx")).equals(whole)).toBe(true);
  expect(readdirSync(temp.path("out"))).toEqual(["a.ozx"]);
});

test("--resume with nothing to resume says so", skipFor(outsideSample()), async () => {
  const run = await runOzx(["convert", "--resume", "image.zarr", "out/a.ozx"], { cwd: temp.path() });
  expect(run, run.stderr).toMatchObject({ code: 0, stdout: "" });
  expect(run.stderr).toContain(
    "Starting from the beginning: no earlier run of the same conversion was found beside out/a.ozx.",
  );
  expect(readFileSync(temp.path("out/a.ozx")).equals(whole)).toBe(true);
});

test("--resume of a complete output says that there is nothing to resume", async () => {
  writeFileSync(temp.path("out/a.ozx"), whole);
  const run = await runOzx(["convert", "--resume", "image.zarr", "out/a.ozx"], { cwd: temp.path() });
  expect(run).toMatchObject({ code: 6, stdout: "" });
  expect(run.stderr).toMatch(
    /^ozx: out\/a.ozx exists already, and there is no interrupted run.*ozx verify.*--force.*\n$/,
  );
});

test("--resume --dry-run says where it would resume", skipFor(outsideSample()), async () => {
  const dry = ["convert", "--resume", "--dry-run", "image.zarr", "out/a.ozx"];
  const fresh = await runOzx(dry, { cwd: temp.path() });
  expect(fresh).toMatchObject({ code: 0, stderr: expect.stringContaining("would start from the beginning") });
  await convertAndKill("SIGKILL", () => journalNotes(temp.path("out")) > 0, ["--resume", "--jobs", "1"]);
  const run = await runOzx(dry, { cwd: temp.path() });
  expect(run).toMatchObject({ code: 0, stderr: expect.stringContaining("--resume continues it") });
  expect(readdirSync(temp.path("out"))).not.toContain("a.ozx");
});

test("a pipe cannot be resumed", async () => {
  const run = await runOzx(["convert", "--resume", temp.path("image.zarr"), "-"], { cwd: temp.path() });
  expect(run).toMatchObject({ code: 2, stdout: "" });
  expect(run.stderr).toContain("cannot be resumed");
  expect(readdirSync(join(temp.path("out")))).toEqual([]);
});
