import { chmodSync, copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { asRoot, skipFor, tempFolder, writeSampleFolder } from "@ozx/testing";
import { zipSync } from "fflate";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { readFolder } from "./support/folders.js";
import { type Run, runOzx } from "./support/run-ozx.js";

const temp = tempFolder();

function ozx(...args: string[]): Promise<Run> {
  return runOzx(args, { cwd: temp.path() });
}

/** The rules that an archive breaks, of RFC-9 and ZIP. */
async function brokenRules(file: string): Promise<string[]> {
  const [report] = JSON.parse((await ozx("validate", "--json", "--deep", file)).stdout).reports;
  return (report.findings as { rule: string; specification: string; severity: string }[])
    .filter(({ specification, severity }) => specification !== "ome" && severity !== "info")
    .map(({ rule }) => rule)
    .filter((rule) => rule !== "sharding");
}

async function unpacked(file: string): Promise<Map<string, Buffer>> {
  rmSync(temp.path("unpacked.zarr"), { recursive: true, force: true });
  await ozx("convert", file, "unpacked.zarr");
  return readFolder(temp.path("unpacked.zarr"));
}

beforeAll(async () => {
  await writeSampleFolder(temp.path("cells.zarr"), { size: { c: 1, z: 1, y: 48, x: 48 }, levels: 2 });
  await ozx("convert", "cells.zarr", "good.ozx");
  const bytes = readFileSync(temp.path("good.ozx"));
  // The comment is what follows the last 22 bytes of the end record: take it away.
  const end = bytes.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]));
  bytes.writeUInt16LE(0, end + 20);
  writeFileSync(temp.path("bare.ozx"), bytes.subarray(0, end + 22));
  const files = [...readFolder(temp.path("cells.zarr"))].reverse();
  writeFileSync(temp.path("deflated.zip"), zipSync(Object.fromEntries(files), { level: 6 }));
});

beforeEach(() => {
  copyFileSync(temp.path("bare.ozx"), temp.path("image.ozx"));
  rmSync(temp.path("out.ozx"), { force: true });
});

describe("where only the end of the file changes", () => {
  test("--dry-run says so and touches nothing", async () => {
    const { code, stdout, stderr } = await ozx("fix", "--dry-run", "image.ozx");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^image\.ozx: 1 problem to repair, by rewriting the end of the file/);
    expect(stdout).toContain("comment-json");
    expect(readFileSync(temp.path("image.ozx"))).toEqual(readFileSync(temp.path("bare.ozx")));
  });

  test("not while something else changes it", async () => {
    const lock = temp.path(".image.ozx.lock");
    writeFileSync(lock, JSON.stringify({ pid: process.pid, host: hostname(), since: Date.now() }));
    const { code, stderr } = await ozx("fix", "image.ozx");
    rmSync(lock);
    expect({ code, lock: stderr.includes(".image.ozx.lock") }).toEqual({ code: 74, lock: true });
    expect(readFileSync(temp.path("image.ozx"))).toEqual(readFileSync(temp.path("bare.ozx")));
  });

  test("of three at once one repairs it, and the others say to try again", async () => {
    const runs = await Promise.all([1, 2, 3].map(() => ozx("fix", "--tail-only", "image.ozx")));
    const codes = runs.map(({ code }) => code);
    expect(codes).toContain(0);
    expect(
      codes.filter((code) => code !== 0 && code !== 75),
      runs.map(({ stderr }) => stderr).join("\n"),
    ).toEqual([]);
    expect(await brokenRules("image.ozx")).toEqual([]);
  });

  test("it is repaired in place", async () => {
    expect(await brokenRules("image.ozx")).toEqual(["comment-json"]);
    const { code, stdout, stderr } = await ozx("fix", "image.ozx");
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    expect(stderr).toContain("The archive has no comment. (comment-json)");
    expect(await brokenRules("image.ozx")).toEqual([]);
    expect(readFileSync(temp.path("image.ozx"))).toEqual(readFileSync(temp.path("good.ozx")));
  });

  test("the second time there is nothing left to do", async () => {
    await ozx("fix", "-q", "image.ozx");
    const before = readFileSync(temp.path("image.ozx"));
    const { code, stderr } = await ozx("fix", "image.ozx");
    expect(code).toBe(0);
    expect(stderr).toContain("image.ozx: nothing to repair");
    expect(readFileSync(temp.path("image.ozx"))).toEqual(before);
  });

  test("with -o the file is left as it is", async () => {
    expect(await ozx("fix", "-q", "image.ozx", "-o", "out.ozx")).toMatchObject({ code: 0, stderr: "" });
    expect(await brokenRules("out.ozx")).toEqual([]);
    expect(readFileSync(temp.path("image.ozx"))).toEqual(readFileSync(temp.path("bare.ozx")));
  });

  test("a file that may not be written is said to be", skipFor(asRoot()), async () => {
    chmodSync(temp.path("image.ozx"), 0o444);
    expect(await ozx("fix", "image.ozx")).toMatchObject({ code: 74 });
  });
});

describe("where data has to be moved", () => {
  test("--dry-run says what and how", async () => {
    const { stdout } = await ozx("fix", "-n", "deflated.zip");
    expect(stdout).toMatch(/to repair, into a new file \(-o OUT, or --force/);
    expect(stdout).toMatch(/^ {2}stored \(moves data\)$/m);
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });

  test("without -o it is refused, with the ways out", async () => {
    const before = readFileSync(temp.path("deflated.zip"));
    const { code, stderr } = await ozx("fix", "deflated.zip");
    expect(code).toBe(2);
    expect(stderr).toMatch(/-o.*--force.*--tail-only/);
    expect(readFileSync(temp.path("deflated.zip"))).toEqual(before);
  });

  test("-o has the same content in a conforming archive", async () => {
    const { code, stderr } = await ozx("fix", "deflated.zip", "-o", "out.ozx");
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/out\.ozx: repaired these problems:[\s\S]*\(stored\)/);
    expect(await brokenRules("out.ozx")).toEqual([]);
    expect(await unpacked("out.ozx")).toEqual(readFolder(temp.path("cells.zarr")));
  });

  test("an output that exists is kept, unless forced", async () => {
    writeFileSync(temp.path("out.ozx"), "mine");
    expect(await ozx("fix", "deflated.zip", "-o", "out.ozx")).toMatchObject({ code: 6 });
    expect(readFileSync(temp.path("out.ozx"), "utf8")).toBe("mine");
    expect(await ozx("fix", "-qf", "deflated.zip", "-o", "out.ozx")).toMatchObject({ code: 0 });
    expect(await brokenRules("out.ozx")).toEqual([]);
  });

  test("--force replaces the file itself", async () => {
    copyFileSync(temp.path("deflated.zip"), temp.path("image.ozx"));
    expect(await ozx("fix", "-q", "--force", "image.ozx")).toMatchObject({ code: 0, stderr: "" });
    expect(await brokenRules("image.ozx")).toEqual([]);
    expect(await unpacked("image.ozx")).toEqual(readFolder(temp.path("cells.zarr")));
    expect(readdirSync(temp.path()).filter((name) => name.includes("partial"))).toEqual([]);
  });

  test("--tail-only does what it can in place, and says what is left", async () => {
    copyFileSync(temp.path("deflated.zip"), temp.path("image.ozx"));
    const { code, stderr } = await ozx("fix", "--tail-only", "image.ozx");
    expect(code).toBe(0);
    expect(stderr).toMatch(/repaired [\s\S]*comment-json[\s\S]*Not repaired, because data must be moved/);
    expect(stderr).toMatch(/\(ozx fix image\.ozx -o repaired\.ozx does that\):[\s\S]*stored/);
    expect(stderr).not.toMatch(/cannot repair:[\s\S]*zip64-entries|Let "ozx fix"/);
    const left = await brokenRules("image.ozx");
    expect(left).not.toContain("comment-json");
    expect(left).toContain("stored");
    expect(await unpacked("image.ozx")).toEqual(readFolder(temp.path("cells.zarr")));
  });
});

describe("what is refused", () => {
  test.for([
    ["a missing file", 3, ["nothing.ozx"]],
    ["a folder", 3, ["cells.zarr"]],
    ["a file of no bytes", 4, ["empty.ozx"]],
    ["a file that was cut short", 4, ["cut.ozx"]],
    ["an output without the name of an archive", 2, ["bare.ozx", "-o", "out.zarr"]],
    ["--tail-only with -o", 2, ["bare.ozx", "--tail-only", "-o", "out.ozx"]],
    ["a file on a server", 2, ["http://127.0.0.1:9/image.ozx"]],
  ] as const)("%s: exit code %i", async ([, code, args]) => {
    writeFileSync(temp.path("empty.ozx"), "");
    writeFileSync(temp.path("cut.ozx"), readFileSync(temp.path("good.ozx")).subarray(0, 3000));
    expect(await ozx("fix", ...args)).toMatchObject({ code, stderr: expect.stringMatching(/^ozx: \S/) });
  });
});
