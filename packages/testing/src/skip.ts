import type { TestOptions } from "vitest";
import { findProgram } from "./find-program.js";

declare module "vitest" {
  interface TaskMeta {
    /** Why a test is skipped, as in `no python3`. `scripts/lib/report-skipped.mjs` prints it at the end of a run. */
    skipReason?: string;
  }
}

/**
 * Options of a `test` or `describe` that skip it with a reason, which is printed at the end of the run.
 *
 * @param reason as in `no python3`; undefined to run it
 * @example describe("archives by Info-ZIP", skipFor(withoutTool("zip")), () => {});
 */
export function skipFor(reason: string | undefined): TestOptions {
  return reason === undefined ? {} : { skip: true, meta: { skipReason: reason } };
}

/**
 * Why a test that needs programs is skipped, as in `no zip`; undefined where all of them are installed. With
 * `OZX_REQUIRE_TOOLS=1` it is always undefined: the test runs and fails, so that CI does not skip it unnoticed.
 *
 * @param programs by name or absolute path
 */
export function withoutTool(...programs: readonly string[]): string | undefined {
  if (process.env["OZX_REQUIRE_TOOLS"] === "1") return undefined;
  const missing = programs.filter((program) => findProgram(program) === undefined);
  return missing.length === 0 ? undefined : `no ${missing.join(", no ")}`;
}

/** Why a test is skipped on these platforms. */
export function notOn(...platforms: readonly NodeJS.Platform[]): string | undefined {
  return platforms.includes(process.platform) ? `not on ${process.platform}` : undefined;
}

/** Why a test is skipped on other platforms than this one. */
export function unlessOn(platform: NodeJS.Platform): string | undefined {
  return process.platform === platform ? undefined : `only on ${platform}`;
}

/** Why a test of permissions is skipped: root may read and write everything. */
export function asRoot(): string | undefined {
  return process.getuid?.() === 0 ? "root may write anywhere" : undefined;
}
