import { join } from "node:path";
import { type Finding, isOzxError } from "@ozx/core";
import { describeWithSharedData, testSample } from "@ozx/testing";
import { describe, expect, test } from "vitest";
import { ARCHIVE_RULES } from "../../src/rules/archive-rules.js";
import { checkArchive } from "../../src/rules/check-archive.js";
import { type CorpusArchive, isSparse, openCorpusArchive, readManifest } from "../corpora/manifest.js";
import { STRICT_EXCEPTIONS } from "./strict-exceptions.js";

/** RFC-9's own rules say nothing about archives in general; that a part is no archive is said by both. */
const ZIP_RULES = new Set([
  ...ARCHIVE_RULES.filter(({ set }) => set === "zip").map(({ id }) => id),
  "not-multipart",
]);

describeWithSharedData("strict verdicts on archives of public test suites", "zips", (folder) => {
  const archives = readManifest(folder);

  test("every exception is about an archive that is there", () => {
    const files = archives.map(({ file }) => file);
    expect(files).toEqual(expect.arrayContaining(Object.keys(STRICT_EXCEPTIONS)));
  });

  describe.for(["ok", "warn", "error"] as const)("%s", (expected) => {
    const tests = archives.filter((archive) => archive.expected === expected);
    // Gigabytes of zeros are read of the sparse ones.
    test.for(tests.filter((archive) => !isSparse(archive)))("$file", check);
    testSample(tests.filter(isSparse), 1)("$file", check);
  });

  async function check({ file, why, expected }: CorpusArchive): Promise<void> {
    const findings = await strictFindings(join(folder, file));
    const summaries = findings.map(({ rule, severity, message }) => `${severity} ${rule}: ${message}`);
    const errors = findings.filter(({ severity }) => severity === "error");
    switch (STRICT_EXCEPTIONS[file]?.verdict ?? expected) {
      case "ok":
        return expect(summaries, why).toEqual([]);
      case "warn":
        return expect(summaries, why).not.toEqual([]);
      case "error":
        return expect(errors, `${why}\n${summaries.join("\n")}`).not.toEqual([]);
    }
  }
});

async function strictFindings(path: string): Promise<Finding[]> {
  const findings: Finding[] = [];
  try {
    for await (const finding of checkArchive(openCorpusArchive(path), { deep: true })) {
      if (ZIP_RULES.has(finding.rule) && finding.severity !== "info") findings.push(finding);
    }
  } catch (error) {
    throw isOzxError(error) ? new Error(`checkArchive threw ${error.name}: ${error.message}`) : error;
  }
  return findings;
}
