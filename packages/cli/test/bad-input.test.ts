import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tempFolder, testSample, writeSampleFolder } from "@ozx/testing";
import { zipSync } from "fflate";
import { beforeAll, expect, test } from "vitest";
import { runOzx } from "./support/run-ozx.js";

const temp = tempFolder();
const text = new TextEncoder();
const IMAGE = text.encode(
  JSON.stringify({
    zarr_format: 3,
    node_type: "group",
    attributes: { ome: { version: "0.5", multiscales: [] } },
  }),
);

function zip(entries: Record<string, Uint8Array>): Uint8Array {
  return zipSync(entries, { level: 0 });
}

/** Replaces a name by another of the same length, in both headers. */
function renamed(bytes: Uint8Array, from: string, to: string): Uint8Array {
  return Buffer.from(Buffer.from(bytes).toString("latin1").replaceAll(from, to), "latin1");
}

/** Sets a bit of the flags in the first central header and the local header before it. */
function withFlag(bytes: Uint8Array, flag: number): Uint8Array {
  const copy = Buffer.from(bytes);
  copy.writeUInt16LE(flag, 6);
  copy.writeUInt16LE(flag, copy.indexOf("PK\u0001\u0002", 0, "latin1") + 8);
  return copy;
}

beforeAll(async () => {
  await writeSampleFolder(temp.path("image.zarr"), { size: { c: 1, z: 1, y: 40, x: 40 }, levels: 1 });
  await runOzx(["convert", "image.zarr", "image.ozx"], { cwd: temp.path() });
  const whole = readFileSync(temp.path("image.ozx"));
  mkdirSync(temp.path("plain/folder"), { recursive: true });
  const spanned = Buffer.from(whole);
  spanned.writeUInt16LE(1, spanned.lastIndexOf("PK\u0005\u0006", undefined, "latin1") + 4);
  const files: Record<string, Uint8Array> = {
    "text.ozx": text.encode("hello"),
    "empty.ozx": new Uint8Array(0),
    "truncated.ozx": whole.subarray(0, 3000),
    "headless.ozx": whole.subarray(2000),
    "encrypted.zip": withFlag(zip({ "zarr.json": IMAGE }), 1),
    "spanned.ozx": spanned,
    "no-image.zip": zip({ "readme.txt": text.encode("x") }),
    "two-images.zip": zip({ "a.zarr/zarr.json": IMAGE, "b.zarr/zarr.json": IMAGE }),
    "bad-json.zip": zip({ "zarr.json": text.encode("{") }),
    "up.zip": zip({ "zarr.json": IMAGE, "../evil": IMAGE }),
    "absolute.zip": zip({ "zarr.json": IMAGE, "/evil": IMAGE }),
    "drive.zip": zip({ "zarr.json": IMAGE, "C:/evil": IMAGE }),
    "backslash.zip": zip({ "zarr.json": IMAGE, "a\\evil": IMAGE }),
    "nul.zip": renamed(zip({ "zarr.json": IMAGE, aQevil: IMAGE }), "aQevil", "a\0evil"),
    "case.zip": zip({ "zarr.json": IMAGE, a: IMAGE, A: IMAGE }),
  };
  for (const [name, bytes] of Object.entries(files)) writeFileSync(temp.path(name), bytes);
});

const BAD: readonly [name: string, code: number, sentence: string][] = [
  ["missing.ozx", 3, "missing.ozx does not exist"],
  ["ftp://host/image.ozx", 2, "supported addresses start with"],
  ["https:/host/image.ozx", 2, "supported addresses start with"],
  ["text.ozx", 4, "not a zip archive"],
  ["empty.ozx", 4, "is empty"],
  ["truncated.ozx", 4, "truncated"],
  ["headless.ozx", 4, "lacks 2000 of its bytes"],
  ["encrypted.zip", 5, "is encrypted"],
  ["spanned.ozx", 5, "spans several files"],
  ["no-image.zip", 4, "no OME-Zarr"],
  ["two-images.zip", 4, "a.zarr, b.zarr"],
  ["bad-json.zip", 4, "zarr.json"],
  ["plain", 4, "is not OME-Zarr"],
];
testSample(BAD, 5)("%s: exit code %i, one clear sentence, no output", async ([name, code, sentence]) => {
  const before = readdirSync(temp.path());
  for (const args of [
    ["info", name],
    ["convert", name, "out.zarr"],
    ["convert", name, "out.ozx"],
  ]) {
    const run = await runOzx(args, { cwd: temp.path() });
    expect(run, `${args}: ${run.stderr}`).toMatchObject({ code, stdout: "" });
    expect(run.stderr).toContain(sentence);
    expect(run.stderr.trimEnd().split("\n")).toHaveLength(1);
    expect(run.stderr).not.toMatch(/\bat .*\.js:\d+/);
  }
  expect(readdirSync(temp.path())).toEqual(before);
});

testSample(["up", "absolute", "drive", "backslash", "nul", "case"], 3)(
  "%s.zip, whose names would leave the destination, is not unpacked",
  async (name) => {
    const before = readdirSync(temp.path());
    const run = await runOzx(["convert", `${name}.zip`, "out.zarr"], { cwd: temp.path() });
    expect(run, run.stderr).toMatchObject({ code: 4, stdout: "" });
    expect(readdirSync(temp.path())).toEqual(before);
  },
);

test.each([
  [["convert"]],
  [["convert", "image.ozx"]],
  [["convert", "image.ozx", "out.zarr", "more"]],
  [["convert", "image.ozx", "out.tif"]],
  [["convert", "--no-such-flag"]],
  [["info"]],
  [["no-such-command"]],
])("wrong use, as in ozx %j, is exit code 2", async (args) => {
  const run = await runOzx(args, { cwd: temp.path() });
  expect(run).toMatchObject({ code: 2, stdout: "" });
  expect(run.stderr).not.toBe("");
});

test.each([["--help"], ["--version"], ["convert", "--help"], ["info", "--help"]])(
  "ozx %s %s goes to stdout",
  async (...args) => {
    const run = await runOzx(args.filter((arg) => arg !== undefined));
    expect(run).toMatchObject({ code: 0, stderr: "" });
    expect(run.stdout).not.toBe("");
  },
);

test("the first word of --version is ozx, the second the version", async () => {
  expect((await runOzx(["--version"])).stdout).toMatch(/^ozx \d+\.\d+\.\d+/);
});
