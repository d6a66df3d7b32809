import { existsSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";
import { describe, test } from "vitest";
import { rustOzx } from "./run.js";

/**
 * A `describe` for tests against programs. Without them the tests are skipped and say so; where
 * `OZX_REQUIRE_TOOLS=1` they fail, so that CI cannot lose them unnoticed. The Rust ozx is never required, as
 * it needs a compiler to be there.
 */
export function describeWithTools(name: string, programs: readonly string[], tests: () => void): void {
  const missing = programs.filter((program) => !isThere(program));
  if (missing.length === 0) {
    describe(name, tests);
    return;
  }
  const message = `needs ${missing.join(" and ")}: interop/setup.sh installs it`;
  const required = process.env["OZX_REQUIRE_TOOLS"] === "1" && !missing.includes(rustOzx);
  describe(name, () => {
    if (required) {
      test("has its tools", () => {
        throw new Error(message);
      });
    } else test.skip(message, () => {});
  });
}

function isThere(program: string): boolean {
  if (isAbsolute(program)) return existsSync(program);
  return (process.env["PATH"] ?? "").split(delimiter).some((folder) => existsSync(join(folder, program)));
}
