// @ts-check
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { inRoot } from "./paths.mjs";

/**
 * The files that a package would be published with.
 *
 * @param {string} folder as in `packages/core`
 * @returns {Promise<string[]>}
 */
export async function packedFiles(folder) {
  const pnpm = inRoot("node_modules/pnpm/bin/pnpm.cjs");
  const { stdout } = await promisify(execFile)(process.execPath, [pnpm, "pack", "--json", "--dry-run"], {
    cwd: inRoot(folder),
  });
  return JSON.parse(stdout).files.map((/** @type {{ path: string }} */ { path }) => path);
}
