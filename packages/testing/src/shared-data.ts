import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, test } from "vitest";

/**
 * Where a file or folder of the shared test data is: in the folder that `OZX_SHARED_DATA` names, otherwise in
 * `shared/data` beside the repository. Undefined when it is not there; the data is no part of the repository.
 */
export function sharedData(relativePath: string): string | undefined {
  const path = join(sharedFolder(), relativePath);
  return existsSync(path) ? path : undefined;
}

/**
 * A `describe` for tests on shared data. Without the data they are skipped and say so; where
 * `OZX_REQUIRE_SHARED_DATA=1` they fail, so that CI cannot lose them unnoticed.
 */
export function describeWithSharedData(
  name: string,
  relativePath: string,
  tests: (path: string) => void,
): void {
  const path = sharedData(relativePath);
  if (path !== undefined) {
    describe(name, () => tests(path));
    return;
  }
  const message = `needs ${relativePath} in ${sharedFolder()}; set OZX_SHARED_DATA to the folder that has it`;
  describe(name, () => {
    if (process.env["OZX_REQUIRE_SHARED_DATA"] === "1") {
      test("has its data", () => {
        throw new Error(`${name} ${message}`);
      });
    } else test.skip(message, () => {});
  });
}

function sharedFolder(): string {
  const beside = fileURLToPath(new URL("../../../../shared/data", import.meta.url));
  return process.env["OZX_SHARED_DATA"] ?? beside;
}
