import { expect, test } from "vitest";
import type { TestModule } from "vitest/node";
import { skippedReporter } from "../lib/report-skipped.mjs";

interface Task {
  readonly type: "module" | "suite" | "test";
  readonly fullName: string;
  parent?: Task;
}

/** A test with the reason of `skipFor`, of `context.skip`, or none; `undefined` where it ran. */
function testTask(fullName: string, skipped?: { reason?: string; note?: string }): Task {
  const result = skipped ? { state: "skipped", note: skipped.note } : { state: "passed" };
  const meta = { ...(skipped?.reason && { skipReason: skipped.reason }) };
  return { type: "test", fullName, result: () => result, meta: () => meta } as Task;
}

function suiteTask(type: "module" | "suite", fullName: string, tasks: Task[], reason?: string): Task {
  const children = Object.assign(tasks, { allTests: () => tasks.flatMap(testsIn) });
  const state = (): string => "passed";
  const meta = (): object => ({ ...(reason && { skipReason: reason }) });
  const suite = { type, fullName, moduleId: `${process.cwd()}/${fullName}`, children, state, meta } as Task;
  for (const task of tasks) task.parent = suite;
  return suite;
}

function testsIn(task: Task): Task[] {
  return task.type === "test"
    ? [task]
    : [...(task as Task & { children: Iterable<Task> }).children].flatMap(testsIn);
}

async function report(modules: Task[], isFiltered = false): Promise<string> {
  let text = "";
  const reporter = skippedReporter({ write: (part) => (text += part), isFiltered });
  await reporter.onTestRunEnd?.(modules as unknown as TestModule[], [], "passed");
  return text;
}

test("what is skipped is listed by name, under each reason", async () => {
  const text = await report([
    suiteTask("module", "a.test.ts", [
      testTask("runs"),
      testTask("one", { reason: "no python3" }),
      suiteTask(
        "suite",
        "a suite",
        [testTask("a suite > two", {}), testTask("a suite > three", {})],
        "no zip",
      ),
    ]),
    suiteTask("module", "b.test.ts", [testTask("four", { note: "no python3" }), testTask("five", {})]),
  ]);
  expect(text).toBe(`
 5 tests were skipped:
   no python3
     - a.test.ts: one
     - b.test.ts: four
   no zip
     - a.test.ts: a suite (2 tests)
   no reason is given
     - b.test.ts: five

`);
});

test("a file of which much is skipped is one line", async () => {
  const tests = Array.from({ length: 9 }, (_, k) => testTask(`t${k}`, { reason: "not in the sample" }));
  const text = await report([suiteTask("module", "a.test.ts", [...tests, testTask("runs")])]);
  expect(text).toContain("\n     - a.test.ts: 9 of its 10 tests\n");
});

test("nothing is said where nothing is skipped, nor of what the names leave out that are asked for", async () => {
  expect(await report([suiteTask("module", "a.test.ts", [testTask("runs")])])).toBe("");
  expect(await report([suiteTask("module", "a.test.ts", [testTask("other", {})])], true)).toBe("");
});
