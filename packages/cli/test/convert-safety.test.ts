import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { asRoot, skipFor, tempFolder, writeSampleFolder } from "@ozx/testing";
import { beforeAll, describe, expect, test } from "vitest";
import { readFolder } from "./support/folders.js";
import { runOzx, withoutShell } from "./support/run-ozx.js";

const temp = tempFolder();

/** A new folder for one test's outputs, so that debris shows. */
function outputs(name: string): string {
  const folder = temp.path(name);
  mkdirSync(folder);
  return folder;
}

beforeAll(async () => {
  await writeSampleFolder(temp.path("image.zarr"), {
    size: { c: 1, z: 1, y: 100, x: 100 },
    levels: 2,
    chunk: 32,
  });
  const run = await runOzx(["convert", "image.zarr", "image.ozx"], { cwd: temp.path() });
  expect(run.code, run.stderr).toBe(0);
});

describe("an existing output", () => {
  test.each(["kept.ozx", "kept.zarr"])("%s is kept without --force and replaced with it", async (name) => {
    const folder = outputs(`existing-${name}`);
    const output = join(folder, name);
    const first = await runOzx(["convert", temp.path("image.ozx"), output]);
    expect(first.code).toBe(0);
    const refused = await runOzx(["convert", temp.path("image.ozx"), output]);
    expect(refused.code).toBe(6);
    expect(refused.stderr).toContain("--force");
    const forced = await runOzx(["convert", "--force", temp.path("image.ozx"), output]);
    expect(forced, forced.stderr).toMatchObject({ code: 0 });
    expect(readdirSync(folder)).toEqual([name]);
  });

  test("a folder of other things is never replaced, not even with --force", async () => {
    const home = outputs("home");
    writeFileSync(join(home, "thesis.tex"), "years of work");
    const run = await runOzx(["convert", "--force", temp.path("image.ozx"), home]);
    expect(run.code).toBe(6);
    expect(run.stderr).not.toContain("--force");
    expect(readdirSync(home)).toEqual(["thesis.tex"]);
  });

  test("an image can be replaced by its own repacking", async () => {
    const folder = outputs("in-place");
    await runOzx(["convert", temp.path("image.zarr"), join(folder, "a.ozx")]);
    const before = readFileSync(join(folder, "a.ozx"));
    const run = await runOzx(["convert", "-f", "a.ozx", "a.ozx"], { cwd: folder });
    expect(run, run.stderr).toMatchObject({ code: 0 });
    expect(readFileSync(join(folder, "a.ozx"))).toEqual(before);
  });
});

describe("when it does not come to an end, the output is as before and nothing lies beside it", () => {
  beforeAll(() => {
    // Large enough that a signal arrives while it is being written.
    mkdirSync(temp.path("large.zarr/0/c"), { recursive: true });
    for (const [path, bytes] of readFolder(temp.path("image.zarr"))) {
      if (path === "zarr.json") writeFileSync(temp.path("large.zarr", path), bytes);
    }
    const block = new Uint8Array(32 * 1024 * 1024).fill(7);
    for (let i = 0; i < 20; i++) writeFileSync(temp.path(`large.zarr/0/c/${i}`), block);
  });

  test.each([
    ["SIGINT", 130, "out.ozx"],
    ["SIGTERM", 143, "out.ozx"],
    ["SIGHUP", 129, "out.ozx"],
    ["SIGINT", 130, "out.zarr"],
  ] as const)("%s (exit code %i) while writing %s", async (signal, code, name) => {
    const folder = outputs(`${signal}-${name}`);
    let sent = false;
    const run = await runOzx(
      ["convert", "--allow-missing", "--jobs", "3", temp.path("large.zarr"), join(folder, name)],
      {
        onStart: (kill) => {
          const timer = setInterval(() => {
            if (!readdirSync(folder).some((file) => file.includes(".partial-"))) return;
            clearInterval(timer);
            sent = true;
            kill(signal);
            // The shell and the system both tell of a closed terminal.
            if (signal === "SIGHUP") kill(signal);
          }, 1);
        },
      },
    );
    expect(sent).toBe(true);
    expect(run, run.stderr).toMatchObject({ code, stdout: "" });
    expect(readdirSync(folder)).toEqual([]);
  });

  test.each(["out.ozx", "out.zarr"])(
    "a disk that takes no more, while writing %s",
    skipFor(withoutShell()),
    async (name) => {
      const folder = outputs(`full-${name}`);
      const run = await runOzx(
        ["convert", "--allow-missing", "--jobs", "3", temp.path("large.zarr"), join(folder, name)],
        {
          shell: 'ulimit -f 20000; exec "$@"',
        },
      );
      expect(run, run.stderr).toMatchObject({ code: 74 });
      expect(run.stderr.match(/^ozx: .*$/gm)).toHaveLength(1);
      expect(readdirSync(folder)).toEqual([]);
    },
  );

  test("a forced output is the old one after a failure", skipFor(withoutShell()), async () => {
    const folder = outputs("old-stays");
    writeFileSync(join(folder, "out.ozx"), "the old one");
    const run = await runOzx(
      ["convert", "-f", "--allow-missing", temp.path("large.zarr"), join(folder, "out.ozx")],
      {
        shell: 'ulimit -f 20000; exec "$@"',
      },
    );
    expect(run.code).toBe(74);
    expect(readFileSync(join(folder, "out.ozx"), "utf8")).toBe("the old one");
    expect(readdirSync(folder)).toEqual(["out.ozx"]);
  });

  test("a corrupt entry is not packed again with a new checksum", async () => {
    const folder = outputs("corrupt");
    const bytes = readFileSync(temp.path("image.ozx"));
    const at = bytes.length - 4000;
    bytes[Math.floor(at / 2)] = (bytes[Math.floor(at / 2)] ?? 0) ^ 0xff;
    writeFileSync(join(folder, "bad.ozx"), bytes);
    for (const name of ["out.ozx", "out.zarr"]) {
      const run = await runOzx(["convert", "bad.ozx", name], { cwd: folder });
      expect(run, run.stderr).toMatchObject({ code: 4 });
    }
    expect(readdirSync(folder)).toEqual(["bad.ozx"]);
  });
});

test("what desktops leave in folders is not packed, and that is said", async () => {
  const folder = outputs("desktop");
  await writeSampleFolder(join(folder, "image.zarr"), { size: { c: 1, z: 1, y: 40, x: 40 }, levels: 1 });
  writeFileSync(join(folder, "image.zarr/.DS_Store"), "x");
  const run = await runOzx(["convert", "image.zarr", "image.ozx"], { cwd: folder });
  expect(run.code).toBe(0);
  expect(run.stderr).toContain(".DS_Store");
  expect(readFileSync(join(folder, "image.ozx")).includes(".DS_Store")).toBe(false);
});

test("a nested .ozx is refused", async () => {
  const folder = outputs("nested");
  await writeSampleFolder(join(folder, "image.zarr"), { size: { c: 1, z: 1, y: 40, x: 40 }, levels: 1 });
  writeFileSync(join(folder, "image.zarr/inner.ozx"), "x");
  const run = await runOzx(["convert", "image.zarr", "image.ozx"], { cwd: folder });
  expect(run).toMatchObject({ code: 5 });
  expect(run.stderr).toContain("inner.ozx");
  expect(readdirSync(folder)).toEqual(["image.zarr"]);
});

test("an output inside its own input is refused", async () => {
  const run = await runOzx(["convert", "image.zarr", "image.zarr/image.ozx"], { cwd: temp.path() });
  expect(run).toMatchObject({ code: 2 });
});

test("a folder that may not be written", skipFor(asRoot()), async () => {
  const folder = outputs("read-only");
  chmodSync(folder, 0o500);
  const run = await runOzx(["convert", temp.path("image.zarr"), join(folder, "out.ozx")]);
  expect(run).toMatchObject({ code: 74 });
});
