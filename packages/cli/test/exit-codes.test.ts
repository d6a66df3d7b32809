import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { NetworkError, NotFoundError, SourceChangedError, WriteFailedError } from "@ozx/core";
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
