// @ts-check
import { skippedReporter } from "./report-skipped.mjs";

/**
 * How vitest tells of a run: as it does by itself, with what was skipped at the end, and in a report for machines
 * where `OZX_TEST_REPORT` names a file.
 */
export function reporters() {
  const report = process.env["OZX_TEST_REPORT"];
  const isFiltered = process.argv.some((arg) => /^(-t|--testNamePattern)(=|$)/.test(arg));

  return {
    reporters: ["default", skippedReporter({ isFiltered }), ...(report ? ["json"] : [])],
    ...(report && { outputFile: { json: report } }),
  };
}
