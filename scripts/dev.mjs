// @ts-check
// Builds the packages that have changed, without types, and runs the command: npm run dev [-- info image.ozx]
import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { inRoot } from "./lib/paths.mjs";
import { ensureInstalled } from "./lib/ready.mjs";

await ensureInstalled();
const started = performance.now();
const packages = (await readdir(inRoot("packages"))).filter((name) => existsSync(tsupConfig(name)));
const built = await Promise.all(packages.map(build));
const changed = packages.filter((_, index) => built[index]);
if (process.exitCode === undefined) {
  // The standard output is the command's.
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (changed.length > 0) console.error(`Built ${changed.join(", ")} in ${seconds} s`);
  if (process.argv.length > 2) runCommand(process.argv.slice(2));
}

/**
 * @param {string} name of a package's folder
 * @returns {Promise<boolean>} whether there was anything to do
 */
async function build(name) {
  const folder = inRoot(`packages/${name}`);
  const sources = [join(folder, "src"), join(folder, "package.json"), tsupConfig(name)];
  // Written when a build is complete: one that has failed leaves a part of `dist`.
  const stamp = join(folder, "node_modules/.dev-build");
  const newest = await Promise.all(sources.map(lastChange));
  if (existsSync(join(folder, "dist")) && Math.max(...newest) < (await lastChange(stamp))) return false;
  try {
    const tsup = inRoot("node_modules/tsup/dist/cli-default.js");
    await promisify(execFile)(process.execPath, [tsup, "--no-dts"], { cwd: folder });
    await writeFile(stamp, "");
  } catch (error) {
    const { stdout, stderr } = /** @type {{ stdout?: string, stderr?: string }} */ (error);
    console.error(`${name} cannot be built:\n${stdout ?? ""}${stderr ?? error}`);
    process.exitCode = 1;
  }
  return true;
}

/** @param {string} name */
function tsupConfig(name) {
  return inRoot(`packages/${name}/tsup.config.ts`);
}

/**
 * When a file, or anything in a folder, was last changed: removed from it, too.
 *
 * @param {string} path
 * @returns {Promise<number>} in ms since 1970; 0 where there is none
 */
async function lastChange(path) {
  if (!existsSync(path)) return 0;
  const below = (await stat(path)).isDirectory() ? await readdir(path, { recursive: true }) : [];
  const times = await Promise.all([path, ...below.map((name) => join(path, name))].map((file) => stat(file)));
  return Math.max(...times.map(({ mtimeMs }) => mtimeMs));
}

/**
 * Runs `ozx` where `npm run` was typed, and ends as it does.
 *
 * @param {readonly string[]} args
 */
function runCommand(args) {
  const bin = inRoot("packages/cli/bin/ozx.js");
  const { INIT_CWD: cwd = process.cwd() } = process.env;
  const child = spawn(process.execPath, [bin, ...args], { cwd, stdio: "inherit" });
  // Ctrl-C reaches both; what is sent to this process alone is handed on, and the command says how it ends.
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  child.on("close", (code) => {
    process.exitCode = code ?? 1;
  });
}
