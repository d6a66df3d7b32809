import { createHash, randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { skipFor, tempFolder, writeSampleFolder } from "@ozx/testing";
import { zipSync } from "fflate";
import { beforeAll, expect, test } from "vitest";
import { readFolder } from "./support/folders.js";
import { type Run, runOzx, withoutShell } from "./support/run-ozx.js";

const temp = tempFolder();

function cat(...args: string[]): Promise<Run> {
  return runOzx(["cat", ...args], { cwd: temp.path() });
}

/** What a shell line prints; the output of `cat` is not always text. */
async function shell(line: string, ...args: string[]): Promise<Run> {
  return runOzx(["cat", ...args], { cwd: temp.path(), shell: line });
}

const LARGE = randomBytes(5_000_000);

beforeAll(async () => {
  await writeSampleFolder(temp.path("cells.zarr"), { levels: 2, size: { c: 2, z: 1, y: 64, x: 64 } });
  await runOzx(["convert", "cells.zarr", "cells.ozx"], { cwd: temp.path() });
  const entries = {
    "zarr.json": new TextEncoder().encode('{"zarr_format":3,"node_type":"group"}'),
    large: LARGE,
  };
  writeFileSync(temp.path("stored.zip"), zipSync(entries, { level: 0 }));
  writeFileSync(temp.path("deflated.zip"), zipSync(entries, { level: 1 }));
});

test.each(["zarr.json", "/zarr.json"])("the bytes of %s as they are", async (key) => {
  const text = readFolder(temp.path("cells.zarr")).get("zarr.json")?.toString();
  for (const file of ["cells.zarr", "cells.ozx"]) {
    expect(await cat(file, key)).toMatchObject({ code: 0, stdout: text, stderr: "" });
  }
});

test.each(["stored.zip", "deflated.zip"])(
  "large values of %s, whole",
  skipFor(withoutShell("sha256sum")),
  async (file) => {
    const { stdout } = await shell('"$@" | sha256sum', file, "large");
    expect(stdout.split(" ")[0]).toBe(createHash("sha256").update(LARGE).digest("hex"));
  },
);

test("ends without a word when nobody reads any more", skipFor(withoutShell("head", "wc")), async () => {
  const run = await shell('set -o pipefail; "$@" | head -c 10 | wc -c', "stored.zip", "large");
  expect(run).toMatchObject({ code: 0, stdout: "10\n", stderr: "" });
});

test("a key that is not there, with what could be meant", async () => {
  const { code, stdout, stderr } = await cat("cells.ozx", "0/c/0/0/0/1");
  expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
  expect(stderr).toMatch(/^ozx: there is no 0\/c\/0\/0\/0\/1 in cells.ozx: did you mean 0\/c\/0\/0\/0\/0\b/);
  expect((await cat("cells.ozx", "nothing-like-it")).stderr).toContain('"ozx ls" lists its keys');
});

test("a folder is no value", async () => {
  for (const key of ["labels", "/labels/", "/"]) {
    expect(await cat("cells.zarr", key)).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("is a folder"),
    });
  }
});

test("a file that is not there", async () => {
  expect(await cat("missing.ozx", "zarr.json")).toMatchObject({ code: 3, stdout: "" });
});

test("--json indents a document, and refuses what is none", async () => {
  const run = await cat("--json", "stored.zip", "zarr.json");
  expect(run).toMatchObject({ code: 0, stdout: '{\n  "zarr_format": 3,\n  "node_type": "group"\n}\n' });
  const refused = await cat("--json", "stored.zip", "large");
  expect(refused).toMatchObject({ code: 4, stdout: "" });
  expect(refused.stderr).toContain("large in stored.zip is not JSON");
});
