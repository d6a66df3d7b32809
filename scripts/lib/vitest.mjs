// @ts-check
import { runNode } from "./run.mjs";

/**
 * Runs tests. With `OZX_TEST_REPORT` in the environment, a report for machines is written to that file too.
 *
 * @param {readonly string[]} args
 */
export function vitest(args) {
  const report = process.env["OZX_TEST_REPORT"];
  return runNode("node_modules/vitest/vitest.mjs", [
    "run",
    // Vitest colours its output on CI too, where it makes a log hard to read.
    ...(process.stdout.isTTY ? [] : ["--no-color"]),
    ...(report ? ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`] : []),
    ...args,
  ]);
}
