import { execFileSync } from "node:child_process";
import { expect } from "vitest";
import type { Run } from "./run-ozx.js";

const KILLER = new URL("kill-at.mjs", import.meta.url).href;

/**
 * The environment of a command that is killed at one of its changes of the disk, or with 0 prints how many it makes.
 *
 * @param killAt undefined for a command that is left alone
 * @param page cuts the write in which it is killed at a multiple of so many bytes
 */
export function killingEnv(killAt: number | undefined, page = 1): Record<string, string> {
  if (killAt === undefined) return {};
  return { NODE_OPTIONS: `--import ${KILLER}`, KILL_AT: String(killAt), KILL_PAGE: String(page) };
}

/** How many changes of the disk a command has made that was to count them, from its output. */
export function changesIn(counted: Run): number {
  expect(counted, counted.stderr).toMatchObject({ code: 0 });
  const calls = Number(counted.stdout);
  expect(calls).toBeGreaterThan(10);
  return calls;
}

/** What Python reads of an archive, with every CRC checked. */
export function pythonReads(path: string): string {
  const script =
    "import hashlib, json, sys, zipfile\nwith zipfile.ZipFile(sys.argv[1]) as z:\n    assert z.testzip() is None\n    print(json.dumps(sorted([i.filename, hashlib.sha256(z.read(i)).hexdigest()] for i in z.infolist())))";
  return execFileSync("python3", ["-c", script, path]).toString();
}
