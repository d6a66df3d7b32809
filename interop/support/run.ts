import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const execute = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Runs a program and returns what it wrote to stdout.
 *
 * @throws Error with all that it wrote, when it ends with something else than 0
 */
export async function run(program: string, args: readonly string[], cwd?: string): Promise<string> {
  const { stdout } = await execute(program, args, { cwd, maxBuffer: 1 << 28 });
  return stdout;
}

/** Runs a script of `interop/python` and returns the JSON that it prints. */
export async function runPython(script: string, ...args: string[]): Promise<unknown> {
  return JSON.parse(await run(python, [inInterop(`python/${script}`), ...args]));
}

/** Runs the project's own command line, as it was built. */
export function runOzx(...args: string[]): Promise<string> {
  return run(process.execPath, [`${root}packages/cli/bin/ozx.js`, ...args]);
}

/** Writes the project's sample image; the arguments are those of the script. */
export function makeSample(folder: string, args: readonly string[]): Promise<string> {
  return run(process.execPath, [`${root}scripts/make-sample.mjs`, folder, ...args]);
}

/** A path below `interop/`. */
export function inInterop(path: string): string {
  return `${root}interop/${path}`;
}

/** The Python that `setup.sh` has set up. */
export const python = inInterop(".venv/bin/python");

/** The Rust ozx that `setup.sh` has built where there is a cargo. */
export const rustOzx = inInterop(".cache/cargo/bin/ozx");
