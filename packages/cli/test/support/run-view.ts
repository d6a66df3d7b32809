import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

export interface ViewOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Called with all that the command has said so far, whenever it says more. */
  readonly onNote?: (stderr: string) => void;
  /** Wait until it ends by itself. */
  readonly untilItEnds?: boolean;
}

/** Starts the command, waits until it has printed its address, and runs `work`; then ends it as Ctrl-C does. */
export async function runView(
  args: readonly string[],
  work: (url: URL) => Promise<void>,
  { cwd, env, onNote, untilItEnds = false }: ViewOptions,
): Promise<{ code: number | null; stderr: string }> {
  const bin = fileURLToPath(new URL("../../bin/ozx.js", import.meta.url));
  const child = spawn(process.execPath, [bin, "view", ...args], {
    cwd,
    env: { ...process.env, ...env },
  });
  let stderr = "";
  child.stderr.on("data", (data) => {
    stderr += data;
    onNote?.(stderr);
  });
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  const address = new Promise<string>((resolve) => {
    child.stdout.once("data", (data) => resolve(String(data).trim()));
    child.once("close", () => resolve(""));
  });
  try {
    const url = await address;
    if (url !== "") await work(new URL(url));
    if (untilItEnds) await ended;
  } finally {
    child.kill("SIGINT");
  }
  return { code: await ended, stderr };
}
