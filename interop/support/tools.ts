import { existsSync } from "node:fs";
import { skipFor, withoutTool } from "@ozx/testing";
import { describe } from "vitest";
import { rustOzx } from "./run.js";

/**
 * A `describe` for tests with other programs. Without them the tests are skipped with a reason; with
 * `OZX_REQUIRE_TOOLS=1` they fail, so that CI does not skip them unnoticed. The Rust ozx is never required, because
 * building it takes a compiler.
 *
 * @param programs by name or absolute path; `interop/setup.sh` installs all of them
 */
export function describeWithTools(name: string, programs: readonly string[], tests: () => void): void {
  const needsRust = programs.includes(rustOzx) && !existsSync(rustOzx);
  const reason = needsRust ? "no Rust ozx" : withoutTool(...programs);
  describe(name, skipFor(reason && `${reason}: interop/setup.sh installs it`), tests);
}
