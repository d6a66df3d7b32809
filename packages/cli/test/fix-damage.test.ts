import { readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { tempFolder, writeSampleFolder } from "@ozx/testing";
import { beforeAll, expect, test } from "vitest";
import { runOzx } from "./support/run-ozx.js";

/** What is said of archives that are damaged: the same by every verb, and what helps. */

const temp = tempFolder();
const ozx = (...args: string[]) => runOzx(args, { cwd: temp.path() });

beforeAll(async () => {
  await writeSampleFolder(temp.path("image.zarr"), { size: { c: 2, z: 1, y: 200, x: 200 }, levels: 2 });
  await ozx("convert", "image.zarr", "image.ozx");
  const whole = readFileSync(temp.path("image.ozx"));
  const changed = (change: (bytes: Buffer) => void): Buffer => {
    const copy = Buffer.from(whole);
    change(copy);
    return copy;
  };
  const header = whole.indexOf("PK\u0003\u0004", whole.length >> 1, "latin1");
  const files: Record<string, Uint8Array> = {
    "root.ozx": changed((bytes) => bytes.write("X", bytes.indexOf('"zarr_format"') + 2)),
    "chunk.ozx": changed((bytes) => {
      const data = bytes.indexOf("0/c/0/0/0/0") + 100;
      bytes.fill(7, data, data + 4);
    }),
    "trail.ozx": Buffer.concat([whole, Buffer.from("12345678")]),
    "zeros.ozx": Buffer.concat([whole, Buffer.alloc(200_000)]),
    "middle.ozx": Buffer.concat([whole.subarray(0, 5000), whole.subarray(9000)]),
    "hole.ozx": changed((bytes) => bytes.fill(0, header, header + 60)),
    "page.ozx": Buffer.from("<!DOCTYPE html><title>Log in</title>"),
    "packed.ozx": gzipSync(whole),
  };
  for (const [name, bytes] of Object.entries(files)) writeFileSync(temp.path(name), bytes);
});

test("fix does not call an archive with corrupt metadata healthy", async () => {
  for (const args of [[], ["--dry-run"]]) {
    const run = await ozx("fix", "root.ozx", ...args);
    expect(run).toMatchObject({ code: 4, stdout: "" });
    expect(run.stderr).toMatch(/zarr\.json in root\.ozx is corrupt: .*copy or download the archive again/);
    expect(run.stderr).not.toContain("Pack the folder");
  }
});

test("validate tells of it once, and of nothing that only follows from it", async () => {
  const run = await ozx("validate", "--jsonl", "root.ozx");
  expect(run).toMatchObject({ code: 1 });
  const rules = run.stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(rules.filter(({ severity }) => severity === "error").map(({ rule }) => rule)).toEqual(["zip-crc"]);
  expect(rules.map(({ rule }) => rule)).not.toContain("ome-label-source");
});

test("fix says that it has not looked at the pixels", async () => {
  const run = await ozx("fix", "chunk.ozx");
  expect(run).toMatchObject({ code: 0 });
  expect(run.stderr).toMatch(
    /nothing to repair[\s\S]*not the pixels: ozx validate --deep chunk\.ozx checks both\n$/,
  );
});

test.each([
  ["trail.ozx", /8 bytes follow the archive's end in trail\.ozx: "ozx fix" cuts them off/],
  ["zeros.ozx", /200,000 bytes follow the archive's end in zeros\.ozx/],
  ["middle.ozx", /middle\.ozx lacks 4000 of its bytes/],
  ["page.ozx", /page\.ozx is a web page/],
  ["packed.ozx", /packed\.ozx is compressed with gzip/],
])("%s is reported by info and convert in the same words", async (name, words) => {
  for (const args of [
    ["info", name],
    ["convert", name, "out.ozx"],
  ]) {
    const run = await ozx(...args);
    expect(run).toMatchObject({ code: 4, stdout: "" });
    expect(run.stderr).toMatch(words);
  }
});

test.each(["trail.ozx", "zeros.ozx"])("what follows the end of %s is cut off by fix", async (name) => {
  expect((await ozx("validate", name)).stdout).toContain("bytes follow the archive's end");
  const run = await ozx("fix", name);
  expect(run).toMatchObject({ code: 0 });
  expect(run.stderr).toMatch(
    /repaired these problems:\n {2}\d+ bytes follow the archive's end\. \(trailing-bytes\)/,
  );
  expect(await ozx("verify", "image.ozx", name)).toMatchObject({ code: 0 });
});

test("a hole of zeros is damage and no deceit, to validate and to fix", async () => {
  for (const verb of ["validate", "fix"]) {
    const { stdout, stderr } = await ozx(verb, "hole.ozx");
    expect(stdout + stderr).toContain("damaged: copy or download");
    expect(stdout + stderr).not.toContain("Do not trust");
  }
});

test("fix says of a text what other verbs say", async () => {
  writeFileSync(temp.path("text.ozx"), "hello");
  expect((await ozx("fix", "text.ozx")).stderr).toBe((await ozx("info", "text.ozx")).stderr);
});
