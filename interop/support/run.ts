import { execFile } from "node:child_process";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const execute = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Runs a program and returns its stdout.
 *
 * @throws Error with its output when it exits with another code than 0
 */
export async function run(program: string, args: readonly string[], cwd?: string): Promise<string> {
  const { stdout } = await execute(program, args, { cwd, maxBuffer: 1 << 28 });
  return stdout;
}

/** Runs a program that gets a file through a pipe, where it cannot seek, and returns its stdout; throws as {@link run}. */
export async function runFromPipe(file: string, program: string, args: readonly string[]): Promise<string> {
  const running = execute(program, args, { maxBuffer: 1 << 28 });
  const { stdin } = running.child;
  // It may have read enough before the end.
  if (stdin !== null) pipeline(createReadStream(file), stdin, () => {});
  return (await running).stdout;
}

/** Runs a script in `interop/python` and returns the JSON that it prints. */
export async function runPython(script: string, ...args: string[]): Promise<unknown> {
  return JSON.parse(await run(python, [inInterop(`python/${script}`), ...args]));
}

/** Runs the built command of the project. */
export function runOzx(...args: string[]): Promise<string> {
  return run(process.execPath, [`${root}packages/cli/bin/ozx.js`, ...args]);
}

/** Writes the sample image; `args` are those of `scripts/make-sample.mjs`. */
export function makeSample(folder: string, args: readonly string[]): Promise<string> {
  return run(process.execPath, [`${root}scripts/make-sample.mjs`, folder, ...args]);
}

/** A path below `interop/`. */
export function inInterop(path: string): string {
  return `${root}interop/${path}`;
}

/** The Python of the environment that `setup.sh` creates. */
export const python = inInterop(".venv/bin/python");

/** The Python of an environment of its own, with ome-zarr-py and ngff-zarr, that `setup.sh readers` creates. */
export const readersPython = inInterop(".cache/readers/bin/python");

/** The Rust ozx, which `setup.sh` builds where cargo is installed. */
export const rustOzx = inInterop(".cache/cargo/bin/ozx");
