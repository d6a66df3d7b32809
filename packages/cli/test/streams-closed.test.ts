import { existsSync, readdirSync } from "node:fs";
import { skipFor, tempFolder, writeSampleFolder } from "@ozx/testing";
import { beforeAll, describe, expect, test } from "vitest";
import { runOzx, withoutShell } from "./support/run-ozx.js";

/** Nobody reads what goes to the standard error, as behind `2>&1 >/dev/null | head`. */

const temp = tempFolder();

beforeAll(async () => {
  await writeSampleFolder(temp.path("image.zarr"), { size: { c: 2, z: 1, y: 80, x: 80 }, levels: 2 });
});

const unheard = (...args: string[]) =>
  runOzx(args, { cwd: temp.path(), shell: 'set -o pipefail; "$@" 2>&1 >/dev/null | true' });

describe("nobody reads the standard error", skipFor(withoutShell()), () => {
  test("images that are the same are so, whether or not anybody is told", async () => {
    expect(await unheard("verify", "image.zarr", "image.zarr")).toMatchObject({ code: 0 });
  });

  test("an archive is written to its end, and nothing is left beside it", async () => {
    expect(await unheard("convert", "image.zarr", "image.ozx")).toMatchObject({ code: 0 });
    expect(existsSync(temp.path("image.ozx"))).toBe(true);
    expect(readdirSync(temp.path()).filter((name) => name.includes("partial"))).toEqual([]);
  });

  test("the exit code of what is missing is that of what is missing", async () => {
    expect(await unheard("info", "nosuch.ozx")).toMatchObject({ code: 3 });
  });
});
