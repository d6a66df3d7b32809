import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { notOn, withoutTool } from "@ozx/testing";

const BIN = fileURLToPath(new URL("../../bin/ozx.js", import.meta.url));

/** Never called: what is run is built from this, so `npm test -- --changed` has tests that run it follow its imports. */
export const builtFrom = (): Promise<unknown> => import("../../src/main.js");

export interface Run {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** A shell line to run it in, with `"$@"` for the command, as in `ulimit -f 10; exec "$@"`. */
  readonly shell?: string;
  /** Called with the running process as soon as it is started. */
  readonly onStart?: (kill: (signal: NodeJS.Signals) => void) => void;
}

/** Why a test that gives `shell` cannot run here: there is no bash, or none of the programs that its line needs. */
export function withoutShell(...programs: readonly string[]): string | undefined {
  return notOn("win32") ?? withoutTool("bash", ...programs);
}

/** Runs the built command as a process of its own, as a person does. */
export function runOzx(args: readonly string[], options: RunOptions = {}): Promise<Run> {
  const command = [process.execPath, BIN, ...args];
  const [file = "", ...rest] = options.shell ? ["bash", "-c", options.shell, "bash", ...command] : command;
  const child = spawn(file, rest, {
    cwd: options.cwd,
    env: { ...process.env, NO_COLOR: "1", ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  options.onStart?.((signal) => child.kill(signal));
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (data) => {
    stdout += data;
  });
  child.stderr.on("data", (data) => {
    stderr += data;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}
