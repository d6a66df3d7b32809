import { execFileSync } from "node:child_process";
import { lstatSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { notOn, skipFor, tempFolder, unlessOn, withoutTool, writeSampleFolder } from "@ozx/testing";
import { beforeAll, describe, expect, test } from "vitest";
import { runOzx, withoutShell } from "./support/run-ozx.js";

const temp = tempFolder();

beforeAll(async () => {
  await writeSampleFolder(temp.path("image.zarr"), {
    size: { c: 1, z: 1, y: 60, x: 60 },
    levels: 2,
    chunk: 32,
  });
  const run = await runOzx(["convert", "image.zarr", "image.ozx"], { cwd: temp.path() });
  expect(run.code, run.stderr).toBe(0);
});

describe("a named pipe is refused at once", skipFor(notOn("win32") ?? withoutTool("mkfifo")), () => {
  beforeAll(() => {
    execFileSync("mkfifo", [temp.path("pipe.ozx")]);
  });
  test.each([["info"], ["validate"], ["ls"], ["fix"]])("%s", async (verb) => {
    const run = await runOzx([verb, "pipe.ozx"], { cwd: temp.path() });
    expect(run.code === 3 || run.code === 4, `${run.code} ${run.stderr}`).toBe(true);
    expect(run.stderr.trimEnd().split("\n")).toHaveLength(1);
    expect(run.stderr).not.toContain("reader has stopped");
  });
});

describe("a standard output that takes nothing", skipFor(unlessOn("linux") ?? withoutShell()), () => {
  test.each([
    ["info", "--json", "image.ozx"],
    ["ls", "image.ozx"],
    ["convert", "image.zarr", "-"],
    ["convert", "--dry-run", "image.zarr", "q.ozx"],
    ["convert", "--dry-run", "image.zarr", "-"],
    ["convert", "--help"],
  ])("%s %s %s is exit code 74 and one sentence", async (...args) => {
    const run = await runOzx(args, { cwd: temp.path(), shell: '"$@" > /dev/full' });
    expect(run, run.stderr).toMatchObject({ code: 74 });
    expect(run.stderr.trimEnd().split("\n")).toHaveLength(1);
  });
});

describe("a pipe of which nobody reads", skipFor(withoutShell("mkfifo")), () => {
  beforeAll(() => {
    execFileSync("mkfifo", [temp.path("still")]);
  });
  test("does not keep a conversion alive that is to end", async () => {
    const full = { size: { c: 1, z: 1, y: 600, x: 600 }, levels: 1, chunk: 256 };
    await writeSampleFolder(temp.path("larger.zarr"), full);
    // Opened to be read as well, so that opening it waits for nobody.
    const shell = 'exec "$@" 1<> still';
    const endAfter = (ms: number) =>
      runOzx(["convert", "larger.zarr", "-"], {
        cwd: temp.path(),
        shell,
        onStart: (kill) => setTimeout(() => kill("SIGTERM"), ms),
      });
    let run = await endAfter(2000);
    // Where the machine is busy, the command has not begun to listen by then.
    if (run.signal === "SIGTERM") run = await endAfter(20_000);
    expect(run, run.stderr).toMatchObject({ code: 143 });
    expect(run.stderr).toContain("interrupted");
  });
});

test(
  "an archive written to a reader that stops is not called a success",
  skipFor(withoutShell("head")),
  async () => {
    // A pipe takes 64 KiB whether anybody reads or not.
    const size = { c: 1, z: 1, y: 512, x: 512 };
    await writeSampleFolder(temp.path("large.zarr"), { size, levels: 1, chunk: 128, codec: "none" });
    const run = await runOzx(["convert", "large.zarr", "-"], {
      cwd: temp.path(),
      shell: 'set -o pipefail; "$@" | head -c 5 > /dev/null',
    });
    expect(run, run.stderr).toMatchObject({ code: 74 });
    expect(run.stderr).toContain("its reader has stopped");
  },
);

test("a list that nobody reads on is no failure", skipFor(withoutShell("head")), async () => {
  const run = await runOzx(["ls", "image.ozx"], {
    cwd: temp.path(),
    shell: 'set -o pipefail; "$@" | head -n 1',
  });
  expect(run).toMatchObject({ code: 0, stderr: "" });
});

test("replacing a link replaces what it points to", async () => {
  writeFileSync(temp.path("far.ozx"), "old");
  symlinkSync(temp.path("far.ozx"), temp.path("link.ozx"));
  const run = await runOzx(["convert", "-f", "image.zarr", "link.ozx"], { cwd: temp.path() });
  expect(run, run.stderr).toMatchObject({ code: 0 });
  expect(lstatSync(temp.path("link.ozx")).isSymbolicLink()).toBe(true);
  expect(readFileSync(temp.path("far.ozx")).equals(readFileSync(temp.path("image.ozx")))).toBe(true);
});

test.each([
  [["convert", "", "x.ozx"]],
  [["convert", "image.ozx", ""]],
  [["convert", "-", "x.ozx"]],
  [["convert", "-i", "image.zarr", "-i", "image.ozx", "x.ozx"]],
])("%j is wrong use", async (args) => {
  expect(await runOzx(args, { cwd: temp.path() })).toMatchObject({ code: 2, stdout: "" });
});

describe("an image with a part that cannot be understood", () => {
  beforeAll(async () => {
    for (const name of ["broken.zarr", "missing.zarr"]) {
      const run = await runOzx(["convert", "image.zarr", name], { cwd: temp.path() });
      expect(run.code, run.stderr).toBe(0);
    }
    writeFileSync(temp.path("broken.zarr/1/zarr.json"), "{");
    rmSync(temp.path("missing.zarr/1"), { recursive: true });
  });

  test("is not packed, and the part is named", async () => {
    const run = await runOzx(["convert", "broken.zarr", "broken.ozx"], { cwd: temp.path() });
    expect(run).toMatchObject({ code: 4 });
    expect(run.stderr).toContain("1/zarr.json");
  });

  test("is copied to a folder as it is, and that is said", async () => {
    const run = await runOzx(["convert", "broken.zarr", "copy.zarr"], { cwd: temp.path() });
    expect(run, run.stderr).toMatchObject({ code: 0 });
    expect(run.stderr).toContain("1/zarr.json");
  });

  test("a level that is not there is an error, and --allow-missing goes on and says so", async () => {
    const refused = await runOzx(["convert", "missing.zarr", "missing.ozx"], { cwd: temp.path() });
    expect(refused, refused.stderr).toMatchObject({ code: 4 });
    expect(refused.stderr).toMatch(/level "1"|\/1/);
    const run = await runOzx(["convert", "--allow-missing", "missing.zarr", "missing.ozx"], {
      cwd: temp.path(),
    });
    expect(run, run.stderr).toMatchObject({ code: 0 });
    expect(run.stderr).toMatch(/level "1"|\/1/);
  });
});
