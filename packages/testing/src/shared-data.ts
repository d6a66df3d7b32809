import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, test } from "vitest";
import { skipFor } from "./skip.js";

/**
 * Where a file or folder of the shared test data is: in the folder that `OZX_SHARED_DATA` names, otherwise in
 * `shared/data` beside the repository. Undefined when it is not there; the data is no part of the repository.
 */
export function sharedData(relativePath: string): string | undefined {
  const path = sharedPath(relativePath);
  return existsSync(path) ? path : undefined;
}

/** Where it is, or would be. */
export function sharedPath(relativePath: string): string {
  return join(sharedFolder(), relativePath);
}

/**
 * Why a test on shared data cannot run: the data is not here. Undefined where it is, and where
 * `OZX_REQUIRE_SHARED_DATA=1`: the test runs and fails there, so that CI cannot lose it unnoticed.
 */
export function withoutSharedData(relativePath: string): string | undefined {
  if (sharedData(relativePath) !== undefined || process.env["OZX_REQUIRE_SHARED_DATA"] === "1")
    return undefined;
  return `no shared data in ${sharedFolder()}: OZX_SHARED_DATA names another folder`;
}

/**
 * A `describe` for tests that read shared data while they are collected. Without the data one test stands for them,
 * which is skipped, and fails where `OZX_REQUIRE_SHARED_DATA=1`.
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
        `${sharedPath(relativePath)} is not there; set OZX_SHARED_DATA to the folder that has it`,
      );
    });
  });
}

function sharedFolder(): string {
  const beside = fileURLToPath(new URL("../../../../shared/data", import.meta.url));
  return process.env["OZX_SHARED_DATA"] ?? beside;
}
