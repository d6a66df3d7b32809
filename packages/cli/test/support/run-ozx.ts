import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { notOn, withoutTool } from "@ozx/testing";

const BIN = fileURLToPath(new URL("../../bin/ozx.js", import.meta.url));
const HOST = fileURLToPath(new URL("./command-host.mjs", import.meta.url));

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

/**
 * Runs the built command. It has a process of its own where it needs one: to be killed, started by a shell, or given
 * what Node reads as it starts. Otherwise it shares one with the commands before it, which takes a tenth of the time.
 */
export function runOzx(args: readonly string[], options: RunOptions = {}): Promise<Run> {
  const { cwd, env, shell, onStart } = options;
  // Node reads these as it starts.
  const ofNode = Object.keys(env ?? {}).some((name) => /^(NODE_|FORCE_COLOR$)/.test(name));
  const needsItsOwn = ofNode || shell !== undefined || onStart !== undefined;
  if (!needsItsOwn) return runInHost(args, { cwd: cwd ?? process.cwd(), env: env ?? {} });
  const command = [process.execPath, BIN, ...args];
  const [file = "", ...rest] = shell ? ["bash", "-c", shell, "bash", ...command] : command;
  const child = start(file, rest, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  onStart?.((signal) => child.kill(signal));
  const output = collect(child);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, ...output }));
  });
}

/** Processes that wait for a command. */
const idle: ChildProcess[] = [];
let runs = 0;

function runInHost(args: readonly string[], place: { cwd: string; env: RunOptions["env"] }): Promise<Run> {
  const host = idle.pop() ?? start(process.execPath, [HOST], { stdio: ["ignore", "pipe", "pipe", "ipc"] });
  const mark = `\0end of run ${runs++}\0`;
  const output = collect(host);
  return new Promise((resolve, reject) => {
    let ended: number | undefined;
    const finish = (run: Run): void => {
      host.removeAllListeners();
      host.stdout?.removeAllListeners("data");
      host.stderr?.removeAllListeners("data");
      resolve(run);
    };
    const check = (): void => {
      if (ended === undefined || !output.stdout.endsWith(mark) || !output.stderr.endsWith(mark)) return;
      idle.push(host);
      const [stdout, stderr] = [output.stdout.slice(0, -mark.length), output.stderr.slice(0, -mark.length)];
      finish({ code: ended, signal: null, stdout, stderr });
    };
    host.stdout?.on("data", check);
    host.stderr?.on("data", check);
    host.on("message", ({ code }: { code: number }) => {
      ended = code;
      check();
    });
    host.on("error", reject);
    // The command ended its process itself.
    host.on("close", (code, signal) => finish({ code, signal, ...output }));
    host.send({ args, mark, ...place });
  });
}

interface StartOptions {
  readonly cwd?: string | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly stdio: StdioOptions;
}

function start(file: string, args: readonly string[], { cwd, env, stdio }: StartOptions): ChildProcess {
  return spawn(file, args, { cwd, env: { ...process.env, NO_COLOR: "1", ...env }, stdio });
}

/** What the process writes from now on. */
function collect(child: ChildProcess): { stdout: string; stderr: string } {
  const output = { stdout: "", stderr: "" };
  child.stdout?.setEncoding("utf8").on("data", (text) => {
    output.stdout += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text) => {
    output.stderr += text;
  });
  return output;
}
