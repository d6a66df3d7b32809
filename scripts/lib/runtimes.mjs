// @ts-check
import { existsSync } from "node:fs";
import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { inRoot } from "./paths.mjs";
import { run } from "./run.mjs";

/** The versions that ozx is tested with; Bun is also what its executables of one file are made by. */
const BUN = "1.4.5";
const DENO = "2.9.6";
const WORKERD = "1.20261117.1";

/** Kept between runs, and not a part of the repository. */
const CACHE = inRoot("interop/.cache/runtimes");

/** Where Bun keeps the runtimes of other platforms. */
export const BUN_CACHE = join(CACHE, "bun-install");

/** Bun's program, as {@link ensureRuntimes} installs it. */
export const bun = program(
  `@oven/bun-${process.platform === "win32" ? "windows" : process.platform}-${process.arch === "arm64" ? "aarch64" : process.arch}`,
  BUN,
  process.platform === "win32" ? "bin/bun.exe" : "bin/bun",
);

/** Deno's program, as {@link ensureRuntimes} installs it. */
export const deno = program(
  `@deno/${process.platform}-${process.arch}${process.platform === "linux" ? "-glibc" : ""}`,
  DENO,
  process.platform === "win32" ? "deno.exe" : "deno",
);

/** The program of Cloudflare's workers, as {@link ensureRuntimes} installs it. */
export const workerd = program(
  `@cloudflare/workerd-${process.platform === "win32" ? "windows" : process.platform}-${process.arch === "x64" ? "64" : process.arch}`,
  WORKERD,
  process.platform === "win32" ? "bin/workerd.exe" : "bin/workerd",
);

/**
 * Installs runtimes from npm unless they are installed already.
 *
 * @param {readonly Runtime[]} runtimes
 */
export async function ensureRuntimes(...runtimes) {
  for (const { folder, file, spec } of runtimes) {
    if (existsSync(file)) continue;
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "package.json"), '{"private":true}');
    await run("npm", ["install", "--no-audit", "--no-fund", "--prefix", folder, spec], {
      quiet: true,
      // npm is a .cmd file on Windows, which only a shell starts.
      shell: process.platform === "win32",
    });
    await chmod(file, 0o755);
  }
}

/**
 * @typedef {object} Runtime
 * @property {string} file the program
 * @property {string} folder where its package is installed
 * @property {string} spec the package, with its version: that of this platform, as the one of all platforms would
 *   fetch it by a script
 */

/**
 * @param {string} name
 * @param {string} version
 * @param {string} path in the package
 * @returns {Runtime}
 */
function program(name, version, path) {
  const folder = join(CACHE, `${name.replace("/", "-")}-${version}`);
  return { folder, file: join(folder, "node_modules", name, path), spec: `${name}@${version}` };
}
