import { beforeAll, expect, test } from "vitest";
import { VERBS } from "../src/verbs.js";
import { type Run, runOzx } from "./support/run-ozx.js";

const NAMES = VERBS.filter(({ isHidden }) => !isHidden).map(({ name }) => name);

function helpIn(columns: number): Promise<Run[]> {
  const commands = [[], ...NAMES.map((verb) => [verb])];
  return Promise.all(
    commands.map((args) => runOzx([...args, "--help"], { env: { COLUMNS: String(columns) } })),
  );
}

let helps: Run[];
beforeAll(async () => {
  helps = await helpIn(80);
});

test.for([40, 57, 80, 100])("no line of any help is wider than %i columns", async (columns) => {
  const shown = await helpIn(columns);
  for (const { code, stdout } of shown) {
    expect(code).toBe(0);
    // A word alone, such as a path, is not broken.
    const broken = stdout
      .split("\n")
      .filter((line) => [...line].length > columns && /\S\s\S/.test(line.trim()));
    expect(broken).toEqual([]);
    expect(stdout).toContain("\nExamples:\n");
  }
});

test("examples that are folded are still commands", async () => {
  const [, convert] = await helpIn(40);
  const lines = (convert?.stdout ?? "").split("\n");
  const folded = lines.findIndex((line) => line.endsWith(" \\"));
  expect(folded).toBeGreaterThan(0);
  expect(lines[folded]).toMatch(/^ {2}ozx /);
  expect(lines[folded + 1]).toMatch(/^ {4}\S/);
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
