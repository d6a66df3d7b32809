import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The command of this repository, or that of another checkout, set by `OZX_CLI`, for a comparison. */
export const OZX = [
  process.execPath,
  process.env["OZX_CLI"] ?? fileURLToPath(new URL("../../packages/cli/bin/ozx.js", import.meta.url)),
];

/** The Rust ozx, which `interop/setup.sh` builds. */
export const RUST_OZX = fileURLToPath(new URL("../../interop/.cache/cargo/bin/ozx", import.meta.url));

/**
 * A folder for data and outputs.
 *
 * @param path a folder to keep; without it, a temporary folder is created and removed when the process ends
 */
export function openWorkspace(path) {
  if (path !== undefined) {
    mkdirSync(path, { recursive: true });
    return path;
  }
  const folder = mkdtempSync(join(tmpdir(), "ozx-perf-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(130));
  return folder;
}

/** Removes a file or folder, if it exists. */
export function remove(path) {
  rmSync(path, { recursive: true, force: true });
}
