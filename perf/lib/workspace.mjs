import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The command of this repository, or of another checkout with `OZX_CLI`, to compare the two. */
export const OZX = [
  process.execPath,
  process.env["OZX_CLI"] ?? fileURLToPath(new URL("../../packages/cli/bin/ozx.js", import.meta.url)),
];

/** The Rust ozx, which `interop/setup.sh` builds. */
export const RUST_OZX = fileURLToPath(new URL("../../interop/.cache/cargo/bin/ozx", import.meta.url));

/**
 * A folder for data and outputs: a new one that is removed at the end, however the process ends, or the one
 * that is given, which stays.
 */
export function openWorkspace(given) {
  if (given !== undefined) {
    mkdirSync(given, { recursive: true });
    return given;
  }
  const folder = mkdtempSync(join(tmpdir(), "ozx-perf-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(130));
  return folder;
}

export function remove(path) {
  rmSync(path, { recursive: true, force: true });
}
