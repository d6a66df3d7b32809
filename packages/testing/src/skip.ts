import type { TestOptions } from "vitest";
import { findProgram } from "./find-program.js";

declare module "vitest" {
  interface TaskMeta {
    /** Why a test is skipped, as in `no python3`: what `scripts/lib/report-skipped.mjs` says at the end of a run. */
    skipReason?: string;
  }
}

/**
 * Options of a `test` or `describe` that skip it for a reason, which is said at the end of the run.
 *
 * @param reason as in `no python3`; undefined where nothing stands in the way
 * @example describe("archives by Info-ZIP", skipFor(withoutTool("zip")), () => {});
 */
export function skipFor(reason: string | undefined): TestOptions {
  return reason === undefined ? {} : { skip: true, meta: { skipReason: reason } };
}

/**
 * Why a test that runs these programs cannot run: `no zip`. Undefined where they are all there, and where
 * `OZX_REQUIRE_TOOLS=1`: the test runs and fails there, so that CI cannot lose it unnoticed.
 *
 * @param programs by name, or by absolute path
 */
export function withoutTool(...programs: readonly string[]): string | undefined {
  if (process.env["OZX_REQUIRE_TOOLS"] === "1") return undefined;
  const missing = programs.filter((program) => findProgram(program) === undefined);
  return missing.length === 0 ? undefined : `no ${missing.join(", no ")}`;
}

/** Why a test of what only some systems do cannot run on this one. */
export function notOn(...platforms: readonly NodeJS.Platform[]): string | undefined {
  return platforms.includes(process.platform) ? `not on ${process.platform}` : undefined;
}

/** Why a test of what only one system does cannot run on another one. */
export function unlessOn(platform: NodeJS.Platform): string | undefined {
  return process.platform === platform ? undefined : `only on ${platform}`;
}

/** Why a test of permissions cannot run: root may read and write everything. */
export function asRoot(): string | undefined {
  return process.getuid?.() === 0 ? "root may write anywhere" : undefined;
}
