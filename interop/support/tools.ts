import { findProgram, skipFor, withoutTool } from "@ozx/testing";
import { describe } from "vitest";
import { rustOzx } from "./run.js";

/** Programs that are never required, by what they are called: one takes a compiler, the other is large. */
const OPTIONAL: ReadonlyMap<string, string> = new Map([
  [rustOzx, "Rust ozx"],
  ["javac", "Java Development Kit"],
]);

/**
 * A `describe` for tests with other programs. Without them the tests are skipped with a reason; with
 * `OZX_REQUIRE_TOOLS=1` they fail, so that CI does not skip them unnoticed. Some are never required.
 *
 * @param programs by name or absolute path; `interop/setup.sh` installs all of them
 */
export function describeWithTools(name: string, programs: readonly string[], tests: () => void): void {
  const lacking = programs.find((program) => OPTIONAL.has(program) && findProgram(program) === undefined);
  const missing = withoutTool(...programs.filter((program) => program !== lacking));
  const reason =
    lacking === undefined
      ? missing && `${missing}: interop/setup.sh installs it`
      : `no ${OPTIONAL.get(lacking)}`;
  describe(name, skipFor(reason), tests);
}
