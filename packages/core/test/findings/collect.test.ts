import { expect, test } from "vitest";
import { collectFindings, type Rule, summarizeSet, violation } from "../../src/findings.js";
import type { Finding } from "../../src/index.js";

const stored: Rule = {
  id: "stored",
  level: "SHOULD",
  severity: "warning",
  title: "All entries are stored",
  help: "Store them.",
  set: "box",
};
const root: Rule = { ...stored, id: "root", level: "MUST", severity: "error", title: "There is a root" };
const comment: Rule = { ...stored, id: "comment", title: "There is a comment" };
const foreign: Finding = violation({ ...root, id: "axes" }, "/", "No axes.");

test("equal findings are one group with the first examples", () => {
  const collector = collectFindings({ rules: [stored, root], examples: 2 });
  for (let i = 0; i < 10_000; i++) collector.add(violation(stored, `c/${i}`, `c/${i} is deflated.`), "?");
  collector.add(foreign, "ome");
  expect(collector.groups()).toEqual([
    {
      ...{ rule: "axes", set: "ome", level: "MUST", severity: "error", title: undefined },
      ...{ help: "Store them.", count: 1, examples: [{ where: "/", message: "No axes." }] },
    },
    {
      ...{
        rule: "stored",
        set: "box",
        level: "SHOULD",
        severity: "warning",
        title: "All entries are stored",
      },
      ...{ help: "Store them.", count: 10_000 },
      examples: [
        { where: "c/0", message: "c/0 is deflated." },
        { where: "c/1", message: "c/1 is deflated." },
      ],
    },
  ]);
  expect(collector.counts()).toEqual({ errors: 1, warnings: 10_000, infos: 0 });
});

test("one rule with two severities is two groups", () => {
  const collector = collectFindings();
  collector.add(violation(stored, "a", "A."), "box");
  collector.add(violation({ ...stored, severity: "error" }, "b", "B."), "box");
  expect(collector.groups().map(({ severity }) => severity)).toEqual(["error", "warning"]);
});

test("what is kept of a name as long as a file is short", () => {
  const collector = collectFindings();
  collector.add(violation(stored, "x".repeat(1e6), "y".repeat(1e6)), "box");
  const [example] = collector.groups()[0]?.examples ?? [];
  expect(example?.where.length).toBe(600);
  expect(example?.message).toMatch(/^y{598} …$/);
});

test("an input conforms where only recommendations are violated", () => {
  const rules = [stored, root, comment];
  const collector = collectFindings({ rules });
  collector.add(violation(stored, "a", "A."), "box");
  collector.add(foreign, "ome");
  expect(summarizeSet("box", rules, collector.groups())).toEqual({
    set: "box",
    verdict: "conforms",
    broken: [],
    missed: [],
    requirements: { kept: 1, total: 1 },
    recommendations: { kept: 1, total: 2 },
  });
  collector.add(violation({ ...root, severity: "warning" }, "/", "The root is odd."), "box");
  expect(summarizeSet("box", rules, collector.groups())).toMatchObject({ missed: ["root"], broken: [] });
  expect(summarizeSet("box", rules, collector.groups(), { checked: false })).toMatchObject({
    verdict: "unchecked",
    requirements: undefined,
  });
  expect(summarizeSet("ome", rules, collector.groups(), { checked: false })).toMatchObject({
    verdict: "breaks",
    broken: ["axes"],
  });
});
