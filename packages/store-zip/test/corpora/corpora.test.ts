import { join } from "node:path";
import { isOzxError } from "@ozx/core";
import { checkKeysSafe } from "@ozx/core/container";
import { describeWithSharedData, isFullRun, skipFor, withoutTool } from "@ozx/testing";
import { beforeAll, describe, expect, test } from "vitest";
import { errorsOf, expectTypedErrors, type ReadOutcome, readAll } from "../fixtures/read-all.js";
import { EXCEPTIONS, PYTHON_ERRS } from "./exceptions.js";
import { isSparse, openCorpusArchive, readManifest } from "./manifest.js";
import { pythonOracle } from "./python-oracle.js";

describeWithSharedData("archives of public test suites", "zips", (folder) => {
  const archives = readManifest(folder);
  // The one with 47 MB to inflate takes as long as a hundred others.
  const small = archives.filter(
    (archive) => !isSparse(archive) && (isFullRun || !archive.file.startsWith("libzip/manyfiles")),
  );

  test("every exception is about an archive that is there", () => {
    const files = archives.map(({ file }) => file);
    expect(files).toEqual(expect.arrayContaining([...Object.keys(EXCEPTIONS), ...PYTHON_ERRS]));
  });

  for (const expected of ["ok", "warn", "error"] as const) {
    describe(expected, () => {
      for (const { file, why } of small.filter((archive) => archive.expected === expected)) {
        test(file, async () => {
          const path = join(folder, file);
          const outcome = await readAll(openCorpusArchive(path));
          expectTypedErrors(outcome);
          const verdict = EXCEPTIONS[file]?.verdict ?? expected;
          const errors = errorsOf(outcome).map(String);
          if (verdict === "ok") expect(errors, why).toEqual([]);
          if (verdict === "error") expect([...errors, ...unsafeNames(outcome, path)], why).not.toEqual([]);
        });
      }
    });
  }

  describe(
    "has the entries that Python's zipfile finds, with their data",
    skipFor(withoutTool("python3")),
    () => {
      const files = small.map(({ file }) => file).filter((file) => !PYTHON_ERRS.has(file));
      let oracle: ReturnType<typeof pythonOracle>;
      beforeAll(() => {
        oracle = pythonOracle(files.map((file) => join(folder, file)));
      });

      test.for(files)("%s", async (file) => {
        const path = join(folder, file);
        expectAgreement(await readAll(openCorpusArchive(path)), oracle.get(path));
      });
    },
  );
});

/** What unpacking, which trusts no name, would say. */
function unsafeNames(outcome: ReadOutcome, path: string): string[] {
  try {
    checkKeysSafe(
      outcome.entries.map(({ key }) => key),
      path,
    );
    return [];
  } catch (error) {
    if (!isOzxError(error, "UnsafeName")) throw error;
    return [String(error)];
  }
}

/** What both readers can read must be the same entries with the same data. */
function expectAgreement(outcome: ReadOutcome, oracled: readonly { sha256?: string }[] | undefined): void {
  if (oracled === undefined || "openError" in outcome) return;
  expect(outcome.entries).toHaveLength(oracled.length);
  outcome.entries.forEach(({ key, sha256 }, i) => {
    const right = oracled[i]?.sha256;
    if (sha256 !== undefined && right !== undefined) expect(sha256, key).toBe(right);
  });
}
