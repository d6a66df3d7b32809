// @ts-check
// Prints `N passed, N failed` over vitest's reports for machines: node scripts/ci-total.mjs FOLDER
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

const [folder = "."] = process.argv.slice(2);
let passed = 0;
let failed = 0;
let skipped = 0;
for (const name of await readdir(folder)) {
  if (!name.endsWith(".json")) continue;
  const report = JSON.parse(await readFile(join(folder, name), "utf8"));
  passed += report.numPassedTests;
  failed += report.numFailedTests;
  skipped += report.numPendingTests + (report.numTodoTests ?? 0);
  // A file that cannot be loaded has no test that could fail.
  for (const { status, assertionResults } of report.testResults) {
    const hasFailed = assertionResults.some(
      (/** @type {{ status: string }} */ test) => test.status === "failed",
    );
    if (status === "failed" && !hasFailed) failed++;
  }
}
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
if (failed > 0 || passed === 0) process.exitCode = 1;
