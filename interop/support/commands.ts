import { execFile, spawn } from "node:child_process";
import { promisify } from "node:util";
import { bun, deno } from "../../scripts/lib/runtimes.mjs";
import { inInterop } from "./run.js";

const BIN = inInterop("../packages/cli/bin/ozx.js");

/** A way to run the command other than by Node. */
export interface Command {
  readonly name: string;
  readonly program: string;
  /** What stands before the arguments of ozx. */
  readonly before: readonly string[];
}

export const onBun: Command = { name: "Bun", program: bun.file, before: [BIN] };
export const onDeno: Command = { name: "Deno", program: deno.file, before: ["run", "--allow-all", BIN] };

/** Where there is no Node, and what an empty environment has. */
function emptyEnvironment(home: string): NodeJS.ProcessEnv {
  const { SystemRoot } = process.env;
  return {
    HOME: home,
    TMPDIR: home,
    TEMP: home,
    PATH: "",
    DENO_NO_UPDATE_CHECK: "1",
    ...(SystemRoot && { SystemRoot }),
  };
}

/** Runs ozx in a folder, with an environment that is empty, and returns its stdout; throws where it fails. */
export async function runCommand(
  { program, before }: Command,
  args: readonly string[],
  cwd: string,
): Promise<string> {
  const { stdout } = await promisify(execFile)(program, [...before, ...args], {
    cwd,
    env: emptyEnvironment(cwd),
  });
  return stdout;
}

/** Runs `ozx view` on a file, and ends it after `work`, which gets the address of the page. */
export async function viewBy(
  { program, before }: Command,
  path: string,
  { cwd, work }: { readonly cwd: string; readonly work: (url: URL) => Promise<void> },
): Promise<void> {
  const child = spawn(program, [...before, "view", "--no-open", path], { cwd, env: emptyEnvironment(cwd) });
  let stderr = "";
  child.stderr.on("data", (data) => {
    stderr += data;
  });
  const ended = new Promise((resolve) => child.on("close", resolve));
  try {
    const address = await new Promise<string>((resolve, reject) => {
      child.stdout.once("data", (data) => resolve(String(data).trim()));
      child.once("close", (code) => reject(new Error(`ozx view ended with ${code}: ${stderr}`)));
    });
    await work(new URL(address));
  } finally {
    child.kill("SIGINT");
    await ended;
  }
}
