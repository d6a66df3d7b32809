import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { skipFor, tempFolder, unlessOn, writeSampleFolder } from "@ozx/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { runOzx } from "./support/run-ozx.js";

const temp = tempFolder();

/** A small file system is mounted, for which one must be root. */
const withoutMount =
  unlessOn("linux") ??
  (spawnSync("unshare", ["-m", "true"]).status === 0 ? undefined : "no right to mount a file system");

describe("a disk of 4 MB", skipFor(withoutMount), () => {
  beforeAll(async () => {
    mkdirSync(temp.path("disk"));
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", temp.path("disk")]);
    await writeSampleFolder(temp.path("image.zarr"), { size: { c: 1, z: 1, y: 64, x: 64 }, levels: 1 });
    writeFileSync(temp.path("image.zarr/extra"), new Uint8Array(3_000_000));
    // How large its chunks become with a codec shows when they are made.
    await writeSampleFolder(temp.path("big.zarr"), { size: { c: 1, z: 1, y: 1600, x: 1600 }, levels: 1 });
  });
  afterAll(() => {
    execFileSync("umount", [temp.path("disk")]);
    rmSync(temp.path("disk"), { recursive: true });
  });

  beforeEach(() => {
    for (const name of readdirSync(temp.path("disk"))) rmSync(temp.path("disk", name), { recursive: true });
  });

  test.each(["out.ozx", "out.zarr"])("takes %s of 3 MB, and a second one not", async (name) => {
    const first = await runOzx(["convert", temp.path("image.zarr"), temp.path("disk", name)]);
    expect(first, first.stderr).toMatchObject({ code: 0 });
    // Until the end, the old one and the new one are both there.
    const second = await runOzx(["convert", "--force", temp.path("image.zarr"), temp.path("disk", name)]);
    expect(second).toMatchObject({ code: 74, stdout: "" });
    expect(second.stderr).toMatch(/needs 3\.\d MB, and its disk has [\d.]+ [kM]B free: free [\d.]+ MB there/);
    expect(readdirSync(temp.path("disk"))).toEqual([name]);
    const third = await runOzx([
      "convert",
      "--force",
      "--resume",
      temp.path("image.zarr"),
      temp.path("disk", name),
    ]);
    expect(third).toMatchObject({ code: 74, stdout: "" });
    expect(third.stderr).toMatch(/needs 3\.\d MB/);
    expect(third.stderr).not.toContain("is kept");
    expect(readdirSync(temp.path("disk"))).toEqual([name]);
  });

  test.each(["big.ozx", "big.zarr"])(
    "that becomes full keeps what --resume continues, of %s",
    async (name) => {
      const args = [
        "convert",
        "--resume",
        "--codec",
        "gzip:0",
        temp.path("big.zarr"),
        temp.path("disk", name),
      ];
      const first = await runOzx(args);
      expect(first).toMatchObject({ code: 74, stdout: "" });
      expect(first.stderr).toMatch(/is kept: .*--resume.*\n.*is full: free some space/);
      const left = readdirSync(temp.path("disk"));
      const second = await runOzx(args);
      expect(second).toMatchObject({ code: 74, stdout: "" });
      expect(readdirSync(temp.path("disk"))).toEqual(left);
    },
  );

  test.each(["big.ozx", "big.zarr"])(
    "is not begun to be filled with chunks that are known not to fit, of %s",
    async (name) => {
      const run = await runOzx([
        "convert",
        "--codec",
        "none",
        temp.path("big.zarr"),
        temp.path("disk", name),
      ]);
      expect(run).toMatchObject({ code: 74, stdout: "" });
      expect(run.stderr).toMatch(/^ozx: .* needs [\d.]+ MB, and its disk has/);
      expect(readdirSync(temp.path("disk"))).toEqual([]);
    },
  );

  test("that is full keeps what was there", async () => {
    writeFileSync(temp.path("disk/out.ozx"), "the old one");
    writeFileSync(temp.path("disk/other"), new Uint8Array(3_000_000));
    const run = await runOzx(["convert", "--force", temp.path("image.zarr"), temp.path("disk/out.ozx")]);
    expect(run).toMatchObject({ code: 74, stdout: "" });
    expect(readFileSync(temp.path("disk/out.ozx"), "utf8")).toBe("the old one");
    expect(readdirSync(temp.path("disk")).toSorted()).toEqual(["other", "out.ozx"]);
  });
});
