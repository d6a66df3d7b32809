import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { type RunOptions, runOzx } from "./run-ozx.js";

export interface PartsOptions extends RunOptions {
  /** Parts that are left out. */
  readonly without?: readonly number[];
  /** More arguments of each command. */
  readonly args?: readonly string[];
}

/**
 * Runs the parts of a plan, from the last to the first.
 *
 * @param folder that the plan is in, and its paths are relative to
 * @returns how many parts the plan has
 */
export async function runParts(
  folder: string,
  plan: string,
  { without = [], args = [], ...options }: PartsOptions = {},
): Promise<number> {
  const { parts } = JSON.parse(readFileSync(join(folder, plan)).toString()) as { parts: number };
  for (let part = parts - 1; part >= 0; part--) {
    if (without.includes(part)) continue;
    const run = await runOzx(["run", plan, "--part", String(part), ...args], { cwd: folder, ...options });
    expect(run, run.stderr).toMatchObject({ code: 0 });
  }
  return parts;
}
