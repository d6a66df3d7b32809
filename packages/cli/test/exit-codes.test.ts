import { spawnSync } from "node:child_process";
import { cpSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";
import { NetworkError, NotFoundError, SourceChangedError, WriteFailedError } from "@ozx/core";
import { tempFolder } from "@ozx/testing";
import { expect, test } from "vitest";
import { EXIT } from "../src/terminal/exit-codes.js";
import { InterruptedError } from "../src/terminal/interruption.js";
import { exitCodeFor, OutputDiffersError } from "../src/terminal/report-error.js";
import { runOzx } from "./support/run-ozx.js";

const SIGNALS = ["SIGHUP", "SIGINT", "SIGTERM"] as const;
const ALL = [...Object.values(EXIT), ...SIGNALS.map((signal) => 128 + constants.signals[signal])];

/** The codes in the first column of the table below a heading. */
function codesIn(path: string): number[] {
  const text = readFileSync(new URL(`../../../docs/${path}`, import.meta.url), "utf8");
  const table = /^\| exit code .*\n\|[-| ]+\n((?:\|.*\n)+)/m.exec(text)?.[1] ?? "";
  const rows = table.trimEnd().split("\n");
  return rows.flatMap((row) => (row.split("|")[1] ?? "").match(/\d+/g) ?? []).map(Number);
}

test("the documents list every exit code, and no other", async () => {
  expect(codesIn("command-line.md")).toEqual(ALL);
  // Which the command does not end with itself.
  const killed = 128 + constants.signals.SIGKILL;
  const onClusters = codesIn("cluster.md");
  expect(onClusters.length).toBeGreaterThan(5);
  expect(onClusters.filter((code) => code !== killed && !ALL.includes(code))).toEqual([]);
  const { stdout } = await runOzx(["--help"]);
  const listed = /Exit codes:\n([\s\S]*)$/.exec(stdout)?.[1] ?? "";
  expect((listed.match(/\b\d+\b/g) ?? []).map(Number)).toEqual(ALL);
});

const there = { location: "image.ozx" };

test.each([
  ["an output that differs from its input", new OutputDiffersError("differs"), 1],
  ["an input that is not there", new NotFoundError("missing", there), 3],
  ["a server that does not answer", new NetworkError("silent", there), 7],
  ["an output that cannot be written", new WriteFailedError("full", there), 74],
  ["an input that changed", new SourceChangedError("changed", there), 75],
  ["anything else", new TypeError("x is undefined"), 70],
  ["a closed terminal", new InterruptedError("SIGHUP"), 129],
  ["Ctrl-C", new InterruptedError("SIGINT"), 130],
  ["SIGTERM", new InterruptedError("SIGTERM"), 143],
] as const)("%s", (_, error, code) => {
  expect(exitCodeFor(error)).toBe(code);
});

const temp = tempFolder();

test("a command whose own files are removed while it runs says so, and ends", () => {
  const inPackage = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));
  for (const name of ["bin", "dist", "package.json"]) {
    cpSync(inPackage(name), temp.path(name), { recursive: true });
  }
  symlinkSync(inPackage("node_modules"), temp.path("node_modules"), "junction");
  // The part that prints errors, which is loaded when there is one.
  const removed = readdirSync(temp.path("dist")).filter((name) => name.startsWith("report-error"));
  expect(removed).not.toEqual([]);
  for (const name of removed) rmSync(temp.path("dist", name));
  const args = [temp.path("bin/ozx.js"), "convert", "nowhere.zarr", temp.path("out.ozx")];
  const run = spawnSync(process.execPath, args, { encoding: "utf8", timeout: 30_000 });
  expect(run).toMatchObject({ status: EXIT.internal, signal: null });
  expect(run.stderr).toContain("removed while it ran: start it again");
});
