// @ts-check
import { runNode } from "./run.mjs";

/**
 * Runs tests. With `OZX_TEST_REPORT` in the environment, a report for machines is written to that file too.
 *
 * @param {readonly string[]} args
 */
export function vitest(args) {
  // Vitest colours its output on CI too, where it makes a log hard to read.
  const env = process.stdout.isTTY || process.env["FORCE_COLOR"] ? {} : { NO_COLOR: "1" };
  return runNode("node_modules/vitest/vitest.mjs", ["run", ...args], { env });
}
