import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { describeSample, sampled, tempFolder, writeSampleFolder } from "@ozx/testing";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { readFolder } from "./support/folders.js";
import { journalNotes } from "./support/journal-notes.js";
import { type Run, runOzx } from "./support/run-ozx.js";

const temp = tempFolder();

beforeAll(async () => {
  const size = { c: 1, z: 1, y: 900, x: 900 };
  await writeSampleFolder(temp.path("image.zarr"), { size, levels: 1, chunk: 64 });
});

beforeEach(() => {
  rmSync(temp.path("out"), { recursive: true, force: true });
  mkdirSync(temp.path("out"));
});

/** Runs convert, and kills it so many milliseconds after it has taken a note. */
async function convertAndKill(args: readonly string[], delay: number): Promise<Run> {
  let timer: NodeJS.Timeout | undefined;
  const before = journalNotes(temp.path("out"));
  const run = await runOzx(args, {
    cwd: temp.path(),
    onStart: (kill) => {
      timer = setInterval(() => {
        if (journalNotes(temp.path("out")) <= before) return;
        clearInterval(timer);
        timer = setTimeout(() => kill("SIGKILL"), delay);
      }, 2);
    },
  });
  clearTimeout(timer);
  return run;
}

/** The number of entries after which a run has resumed. */
function resumedAfter({ stderr }: Run): number {
  if (stderr.includes("Starting from the beginning: no earlier run")) return 0;
  return Number(/^Resuming after ([\d,]+) of about/m.exec(stderr)?.[1]?.replaceAll(",", ""));
}

/** Of all files in a folder, which compare faster than their bytes. */
function digests(folder: string): [path: string, digest: string][] {
  return [...readFolder(folder)].map(([path, bytes]) => [
    path,
    createHash("sha256").update(bytes).digest("hex"),
  ]);
}

const RUNS: readonly [what: string, output: string, options: readonly string[]][] = [
  ["re-encoded chunks in an archive", "a.ozx", ["--codec", "zstd:12"]],
  ["levels in an archive", "a.ozx", ["--pyramid"]],
  ["levels in shards in an archive", "a.ozx", ["--pyramid", "--shard", "y=256,x=256", "--codec", "zstd:12"]],
  ["re-encoded chunks and levels in a folder", "a.zarr", ["--codec", "zstd:12", "--pyramid"]],
];

describeSample(RUNS, 1)("%s", ([, output, options]) => {
  test("are resumed after a kill at any moment, with the same result as without one", async () => {
    const run = await runOzx(["convert", ...options, "image.zarr", `out/${output}`], { cwd: temp.path() });
    expect(run, run.stderr).toMatchObject({ code: 0 });
    const whole = digests(temp.path("out"));
    rmSync(temp.path("out", output), { recursive: true });
    const args = ["convert", "--resume", ...options, "--jobs", "2", "image.zarr", `out/${output}`];
    const said: number[] = [];
    // Drawn once, so that each run of the test kills at the same moments.
    for (const delay of sampled([0, 23, 114], 2)) {
      const killed = await convertAndKill(args, delay);
      expect(killed.stdout).toBe("");
      said.push(resumedAfter(killed));
      // On a fast computer a run may finish first, and the next one starts from the beginning.
      if (killed.code === 0) rmSync(temp.path("out", output), { recursive: true });
      else expect(readdirSync(temp.path("out"))).not.toContain(output);
    }
    const last = await runOzx(args, { cwd: temp.path() });
    expect(last, last.stderr).toMatchObject({ code: 0, stdout: "" });
    said.push(resumedAfter(last));
    expect(digests(temp.path("out"))).toEqual(whole);
    expect(said[0]).toBe(0);
    expect(said[1]).toBeGreaterThan(0);
    expect(new Set(said).size).toBeGreaterThan(2);
  });
});
