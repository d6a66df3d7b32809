// @ts-check
/** @import { Reporter, TestCase, TestModule, TestSuite } from "vitest/node" */
import { relative, sep } from "node:path";
import { root } from "./paths.mjs";

/** A test that says why it is skipped does so with `skipFor` of `@ozx/testing`, or `context.skip(reason)`. */
const NO_REASON = "no reason is given";

/**
 * Lists at the end of a run what was skipped, by name, under the reason that each has.
 *
 * @param {{ write?: (text: string) => void, isFiltered?: boolean }} [options] `isFiltered`: tests are left out because
 *   of their names (`-t`), which are not listed
 * @returns {Reporter}
 */
export function skippedReporter({ write = (text) => process.stdout.write(text), isFiltered = false } = {}) {
  return {
    onTestRunEnd(modules) {
      const skipped = modules.flatMap((module) => shortened(skippedIn(module, module), module));
      // Tests behind a hook that failed are skipped too, and fail the run.
      const failed = modules.some((module) => module.state() === "failed");
      const listed = skipped.filter(({ reason }) => reason !== undefined || !(isFiltered || failed));
      if (listed.length === 0) return;
      write(`\n ${listed.reduce((count, { tests }) => count + tests, 0)} tests were skipped:\n`);
      for (const [reason = NO_REASON, found] of byReason(listed)) {
        write(`   ${reason}\n${found.map(({ name }) => `     - ${name}\n`).join("")}`);
      }
      write("\n");
    },
  };
}

/**
 * @typedef {object} Skipped
 * @property {string} name with the file in front
 * @property {number} tests
 * @property {string | undefined} reason
 */

/**
 * What is skipped below a module or suite; a suite that is skipped as a whole, for one reason, is one line.
 *
 * @param {TestModule | TestSuite} parent
 * @param {TestModule} module
 * @returns {Skipped[]}
 */
function skippedIn(parent, module) {
  const found = [];
  for (const child of parent.children) {
    if (child.type === "test") {
      if (child.result().state === "skipped") {
        found.push({ name: nameOf(child, module), tests: 1, reason: reasonOf(child) });
      }
      continue;
    }
    const below = skippedIn(child, module);
    const all = [...child.children.allTests()].length;
    const count = below.reduce((sum, { tests }) => sum + tests, 0);
    const reasons = new Set(below.map(({ reason }) => reason));
    if (count === all && count > 1 && reasons.size === 1) {
      found.push({
        name: `${nameOf(child, module)} (${count} tests)`,
        tests: count,
        reason: below[0]?.reason,
      });
    } else found.push(...below);
  }
  return found;
}

/** So many of one file, for one reason, are listed by name. */
const LISTED = 5;

/**
 * A file of which much is skipped is one line for each reason.
 *
 * @param {readonly Skipped[]} skipped
 * @param {TestModule} module
 * @returns {Skipped[]}
 */
function shortened(skipped, module) {
  const all = [...module.children.allTests()].length;
  return [...byReason(skipped)].flatMap(([reason, found]) => {
    if (found.length <= LISTED) return found;
    const tests = found.reduce((sum, one) => sum + one.tests, 0);
    return [{ name: `${fileOf(module)}: ${tests} of its ${all} tests`, tests, reason }];
  });
}

/** @param {TestCase} test */
function reasonOf(test) {
  const { state, ...result } = test.result();
  if (state === "skipped" && "note" in result && result.note) return result.note;
  /** @type {TestCase | TestSuite | TestModule} */
  let task = test;
  while (task.type !== "module") {
    const { skipReason } = /** @type {{ skipReason?: string }} */ (task.meta());
    if (skipReason !== undefined) return skipReason;
    task = task.parent;
  }
  return undefined;
}

/**
 * @param {TestCase | TestSuite} task
 * @param {TestModule} module
 */
function nameOf(task, module) {
  return `${fileOf(module)}: ${task.fullName}`;
}

/** @param {TestModule} module */
function fileOf(module) {
  return relative(root, module.moduleId).split(sep).join("/");
}

/**
 * @param {readonly Skipped[]} skipped
 * @returns {Map<string | undefined, Skipped[]>} by reason
 */
function byReason(skipped) {
  const found = new Map();
  for (const one of skipped) found.set(one.reason, [...(found.get(one.reason) ?? []), one]);
  return found;
}
