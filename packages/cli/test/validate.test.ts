import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  describeWithSharedData,
  skipFor,
  startRangeServer,
  tempFolder,
  writeSampleFolder,
} from "@ozx/testing";
import { zipSync } from "fflate";
import { beforeAll, describe, expect, test } from "vitest";
import { readFolder } from "./support/folders.js";
import { type Run, runOzx, withoutShell } from "./support/run-ozx.js";

const temp = tempFolder();

function validate(...args: string[]): Promise<Run> {
  return runOzx(["validate", ...args], { cwd: temp.path() });
}

/** The sample has all that the specification recommends but three members. */
function complete(folder: string): void {
  for (const name of ["zarr.json", "labels/cells/zarr.json"]) {
    editJson(`${folder}/${name}`, (document) => {
      const { ome } = document["attributes"] as { ome: { multiscales: Record<string, unknown>[] } };
      for (const multiscale of ome.multiscales) {
        Object.assign(multiscale, { type: "gaussian", metadata: { method: "test" } });
      }
    });
  }
}

function editJson(file: string, edit: (document: Record<string, unknown>) => void): void {
  const document = JSON.parse(readFileSync(temp.path(file), "utf8"));
  edit(document);
  writeFileSync(temp.path(file), JSON.stringify(document));
}

const SIZE = { size: { c: 1, z: 1, y: 48, x: 48 }, levels: 1, chunk: 64 } as const;

beforeAll(async () => {
  await writeSampleFolder(temp.path("cells.zarr"), SIZE);
  complete("cells.zarr");
  // A table's arrays have two chunks each, which RFC-9 wants in shards.
  rmSync(temp.path("cells.zarr/tables"), { recursive: true });
  await writeSampleFolder(temp.path("old.zarr"), { ...SIZE, version: "0.4" });
  await runOzx(["convert", "cells.zarr", "good.ozx"], { cwd: temp.path() });
  const files = [...readFolder(temp.path("cells.zarr"))].reverse();
  writeFileSync(temp.path("deflated.ozx"), zipSync(Object.fromEntries(files), { level: 6 }));
  writeFileSync(temp.path("cut.ozx"), readFileSync(temp.path("good.ozx")).subarray(0, -300));
  writeFileSync(temp.path("text.ozx"), "This is no archive.");
});

const BIN = fileURLToPath(new URL("../bin/ozx.js", import.meta.url));

describe("the report", () => {
  test("of a good archive says what conforms", async () => {
    const run = await validate("good.ozx", "--deep", "--strict");
    expect(run).toMatchObject({ code: 0, stderr: expect.not.stringContaining("ozx:") });
    expect(run.stdout).toMatchInlineSnapshot(`
      "good.ozx
        ZIP: conforms
        RFC-9: conforms (12 of 12 recommendations)
        Zarr v3: conforms
        OME-Zarr 0.5: conforms
        no errors, no warnings
      "
    `);
  });

  test("of another tool's zip groups what it finds, worst first", async () => {
    const { code, stdout } = await validate("deflated.ozx");
    expect(code).toBe(0);
    expect(stdout).toMatchSnapshot();
    for (const line of stdout.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
  });

  test("of a folder has no rules of archives, and a note where it is 0.4", async () => {
    const { code, stdout } = await validate("old.zarr");
    expect(code).toBe(0);
    expect(stdout).not.toContain("RFC-9:");
    expect(stdout).toContain("Zarr v2: conforms");
    expect(stdout).toContain("OME-Zarr 0.4: conforms");
    expect(stdout).toMatch(/OME-Zarr 0\.4 is allowed in a folder, but not in an \.ozx/);
  });

  test("of an archive that cannot be opened says so and what was not checked", async () => {
    const { code, stdout, stderr } = await validate("cut.ozx");
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
    expect(stdout).toContain("error zip-eocd (ZIP)");
    expect(stdout).toContain("RFC-9: not checked");
  });

  test("has colours where they are wanted", async () => {
    expect((await validate("cut.ozx")).stdout).not.toContain("\u001b[");
    const env = { FORCE_COLOR: "1", NO_COLOR: "" };
    const run = await runOzx(["validate", temp.path("cut.ozx")], { env });
    expect(run.stdout).toContain("\u001b[31merror");
  });
});

describe("exit codes", () => {
  const CASES: readonly (readonly [string, number, string[]])[] = [
    ["warnings are valid", 0, ["deflated.ozx"]],
    ["with --strict they are not", 1, ["--strict", "deflated.ozx"]],
    ["errors are not", 1, ["cut.ozx"]],
    ["a missing file", 3, ["nothing.ozx"]],
    ["no archive", 4, ["text.ozx"]],
    ["the worst of several", 4, ["good.ozx", "text.ozx", "cut.ozx"]],
    ["nothing to validate", 2, []],
    ["--json and --jsonl", 2, ["--json", "--jsonl", "good.ozx"]],
  ];

  test.for(CASES)("%s: %i", async ([, code, args]) => {
    expect(await validate(...args)).toMatchObject({ code });
  });

  test("a folder without an image is told of", async () => {
    const { code, stderr } = await runOzx(["validate", "support"], { cwd: import.meta.dirname });
    expect(code).toBe(4);
    expect(stderr).toContain("neither zarr.json nor .zgroup");
  });
});

test("several files each have their report, and a failure does not end it", async () => {
  const { stdout, stderr } = await validate("good.ozx", "nothing.ozx", "old.zarr");
  expect(stdout).toMatch(/^good\.ozx\n[\s\S]*\n\nold\.zarr\n/);
  expect(stdout).toContain("\n\n3 in all: 2 valid, 0 not valid, 1 not checked\n");
  expect(stderr).toBe("ozx: nothing.ozx does not exist: check the path\n");
});

test("an archive on a server has the same report, in a bounded number of requests", async () => {
  const server = await startRangeServer(readFileSync(temp.path("deflated.ozx")));
  try {
    const [remote, local] = [
      await validate("--jsonl", server.url),
      await validate("--jsonl", "deflated.ozx"),
    ];
    expect(remote, remote.stderr).toMatchObject({ code: 0 });
    const told = ({ stdout }: Run): string[] =>
      stdout.split("\n").filter((line) => line !== "" && !line.includes("ext-ozx"));
    const strip = (line: string): string => line.replace(/^\{"path":"[^"]*",/, "");
    expect(told(remote).map(strip)).toEqual(told(local).map(strip));
    expect(server.requests.length).toBeLessThan(40);
  } finally {
    await server.close();
  }
});

test("--quiet says nothing but why there is no answer", async () => {
  expect(await validate("-q", "cut.ozx")).toMatchObject({ code: 1, stdout: "", stderr: "" });
  expect(await validate("-q", "nothing.ozx")).toMatchObject({ code: 3, stdout: "" });
});

test("--deep finds one flipped byte in a chunk", async () => {
  await runOzx(["convert", "cells.zarr", "flipped.ozx"], { cwd: temp.path() });
  const bytes = readFileSync(temp.path("flipped.ozx"));
  const chunk = readFileSync(temp.path("cells.zarr/0/c/0/0/0/0"));
  const at = bytes.indexOf(chunk) + chunk.length - 20;
  bytes[at] = (bytes[at] as number) ^ 1;
  writeFileSync(temp.path("flipped.ozx"), bytes);
  expect(await validate("flipped.ozx")).toMatchObject({ code: 0 });
  const { code, stdout } = await validate("--deep", "--jsonl", "flipped.ozx");
  expect(code).toBe(1);
  const errors = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
    .filter(({ severity }) => severity === "error");
  expect(errors.map(({ rule, where }) => [rule, where])).toEqual([["zip-crc", "/0/c/0/0/0/0"]]);
});

test("threads find the same damage, by the same names, as one thread does", async () => {
  await runOzx(["convert", "cells.zarr", "shards.zarr", "--codec", "gzip:6", "--shard", "auto"], {
    cwd: temp.path(),
  });
  await runOzx(["convert", "cells.zarr", "chunks.zarr", "--codec", "gzip:6"], { cwd: temp.path() });
  for (const folder of ["chunks.zarr", "shards.zarr"]) {
    const path = temp.path(`${folder}/0/c/0/0/0/0`);
    const bytes = readFileSync(path);
    bytes.fill(0xff, 10, 30);
    writeFileSync(path, bytes);
    const [one, two] = await Promise.all([
      validate("--deep", "--jsonl", "-j", "1", folder),
      validate("--deep", "--jsonl", "-j", "2", folder),
    ]);
    expect(one.code).toBe(1);
    expect(one.stdout).toContain('"rule":"chunk-decodes"');
    expect(two).toEqual(one);
  }
});

describe("for scripts", () => {
  test("--json is one object for all files", async () => {
    const { code, stdout, stderr } = await validate(
      "--json",
      "good.ozx",
      "cut.ozx",
      "old.zarr",
      "nothing.ozx",
    );
    expect(code).toBe(3);
    expect(stderr).toContain("nothing.ozx does not exist");
    expect(JSON.parse(stdout)).toMatchSnapshot();
  });

  test("every member of it is documented", async () => {
    const { stdout } = await validate("--json", "deflated.ozx", "nothing.ozx");
    const documented = readFileSync(new URL("../../../docs/validate-json.md", import.meta.url), "utf8");
    for (const name of memberNames(JSON.parse(stdout))) expect(documented).toContain(`\`${name}\``);
  });

  test("--jsonl is one finding a line, as many as --json counts", async () => {
    const { code, stdout } = await validate("--jsonl", "deflated.ozx");
    expect(code).toBe(0);
    const findings = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    const members = ["path", "rule", "specification", "level", "severity", "where", "message", "help"];
    for (const finding of findings) expect(Object.keys(finding)).toEqual(members);
    const [report] = JSON.parse((await validate("--json", "deflated.ozx")).stdout).reports;
    const { errors, warnings, infos } = report.counts;
    expect(findings.length).toBe(errors + warnings + infos);
  });
});

function memberNames(value: unknown): Set<string> {
  const names = new Set<string>();
  JSON.stringify(value, (key, member) => {
    if (key !== "" && !/^\d+$/.test(key)) names.add(key);
    return member;
  });
  return names;
}

test("names that a terminal would obey are spelled out", async () => {
  const evil = "0/c/\u001b[31mevil";
  const files = [...readFolder(temp.path("cells.zarr")), [evil, Buffer.from("x")] as const];
  writeFileSync(temp.path("evil.ozx"), zipSync(Object.fromEntries(files), { level: 0 }));
  const { stdout } = await validate("evil.ozx");
  expect(stdout).toContain("\\u001b[31mevil");
  expect(stdout).not.toContain("\u001b");
});

test("a closed pipe is no error", skipFor(withoutShell("head")), () => {
  const out = execFileSync(
    "bash",
    ["-c", `set -o pipefail; "$0" "$1" validate --jsonl deflated.ozx | head -1`, process.execPath, BIN],
    {
      cwd: temp.path(),
      encoding: "utf8",
    },
  );
  expect(out.split("\n")).toHaveLength(2);
});

describeWithSharedData("a public image of OME-Zarr 0.4", "cardiomyocyte-v04.zarr", (folder) => {
  test("is valid down to its last chunk, and so is what it is packed into", async () => {
    expect(await validate("--deep", "-q", folder)).toMatchObject({ code: 0, stderr: "" });
    await runOzx(["convert", folder, "cardio.ozx"], { cwd: temp.path() });
    const { code, stdout } = await validate("--deep", "cardio.ozx");
    expect(code).toBe(0);
    expect(stdout).toMatch(/RFC-9: conforms \(\d+ of \d+ recommendations\)/);
  });
});
