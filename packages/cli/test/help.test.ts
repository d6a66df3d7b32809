import { beforeAll, expect, test } from "vitest";
import { type Run, runOzx } from "./support/run-ozx.js";

const VERBS = [
  "convert",
  "plan",
  "run",
  "finish",
  "info",
  "ls",
  "cat",
  "validate",
  "verify",
  "view",
  "thumbnail",
  "register",
  "fix",
];

let helps: Run[];
beforeAll(async () => {
  const commands = [[], ...VERBS.map((verb) => [verb])];
  helps = await Promise.all(commands.map((args) => runOzx([...args, "--help"], { env: { COLUMNS: "80" } })));
});

test("no line of any help is wider than 80 columns", () => {
  for (const { code, stdout } of helps) {
    expect(code).toBe(0);
    expect(stdout.split("\n").filter((line) => [...line].length > 80)).toEqual([]);
    expect(stdout).toContain("\nExamples:\n");
  }
});

test("descriptions are paragraphs, wrapped once", () => {
  for (const { stdout } of helps.slice(1)) {
    const lines = stdout.split("\n\n")[1]?.split("\n") ?? [];
    for (const [at, line] of lines.slice(0, -1).entries()) {
      const [next = ""] = lines[at + 1]?.split(" ") ?? [];
      expect(line.length + 1 + next.length, line).toBeGreaterThan(80);
    }
  }
});

test("the list of commands shows the usage of each", () => {
  const [list = "", ...usages] = helps.map(({ stdout }) => stdout);
  for (const usage of usages) {
    const [, line = ""] = /^Usage: ozx (.*)$/m.exec(usage) ?? [];
    expect(line).not.toBe("");
    expect(list).toContain(`\n  ${line} `);
  }
});

test("help of a command is the same by name and by option", async () => {
  expect((await runOzx(["help", "convert"], { env: { COLUMNS: "80" } })).stdout).toBe(helps[1]?.stdout);
});
