import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, test } from "vitest";
import { skipFor } from "./skip.js";

/**
 * The path of a file or folder of the shared test data, which is not part of the repository: in the folder set by
 * `OZX_SHARED_DATA`, by default `shared/data` beside the repository. Undefined where it does not exist.
 */
export function sharedData(relativePath: string): string | undefined {
  const path = sharedPath(relativePath);
  return existsSync(path) ? path : undefined;
}

/** The path of shared data, whether it exists or not. */
export function sharedPath(relativePath: string): string {
  return join(sharedFolder(), relativePath);
}

/**
 * Why a test on shared data is skipped; undefined where the data exists. With `OZX_REQUIRE_SHARED_DATA=1` it is always
 * undefined: the test runs and fails, so that CI does not skip it unnoticed.
 */
export function withoutSharedData(relativePath: string): string | undefined {
  if (sharedData(relativePath) !== undefined || process.env["OZX_REQUIRE_SHARED_DATA"] === "1")
    return undefined;
  return `no shared data in ${sharedFolder()}: OZX_SHARED_DATA sets another folder`;
}

/**
 * A `describe` for tests that read shared data while they are collected. Without the data, a single test replaces them;
 * it is skipped, or fails with `OZX_REQUIRE_SHARED_DATA=1`.
 */
export function describeWithSharedData(
  name: string,
  relativePath: string,
  tests: (path: string) => void,
): void {
  const path = sharedData(relativePath);
  describe(name, () => {
    if (path !== undefined) return tests(path);
    test("all of its tests", skipFor(withoutSharedData(relativePath)), () => {
      throw new Error(
        `${sharedPath(relativePath)} does not exist; set OZX_SHARED_DATA to the folder that contains it`,
      );
    });
  });
}

function sharedFolder(): string {
  const beside = fileURLToPath(new URL("../../../../shared/data", import.meta.url));
  return process.env["OZX_SHARED_DATA"] ?? beside;
}
