import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const GNU_TIME = "/usr/bin/time";
const MARK = "measured:";
const MEASURE = measuringCommand();

/** Whether a command is on the PATH. */
export function isInstalled(command) {
  return spawnSync("sh", ["-c", `command -v ${command}`]).status === 0;
}

/**
 * Runs a command and measures the whole process.
 *
 * @returns `seconds` of wall time; where GNU time or Python can measure them, also `cpu`, seconds of processor time,
 *   which other processes disturb less, and `rss`, the peak memory of the largest process in MiB
 */
export async function measure([command, ...args], { cwd } = {}) {
  const [program, ...before] = [...MEASURE, command];
  const started = performance.now();
  const child = spawn(program, [...before, ...args], { cwd, stdio: ["ignore", "ignore", "pipe"] });
  let stderr = "";
  child.stderr.on("data", (text) => {
    stderr += text;
  });
  const code = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  const seconds = (performance.now() - started) / 1000;
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} exited with ${code}:\n${stderr}`);
  const [kib, user, system] = (stderr.split(MARK)[1] ?? "").trim().split(" ").map(Number);
  return system === undefined ? { seconds } : { seconds, cpu: user + system, rss: kib / 1024 };
}

/** The command that runs another one and prints its usage: GNU time, or else a script with Python's `getrusage`. */
function measuringCommand() {
  if (existsSync(GNU_TIME) && spawnSync(GNU_TIME, ["-f", "", "true"]).status === 0) {
    return [GNU_TIME, "-f", `${MARK}%M %U %S`];
  }
  if (!isInstalled("python3")) return [];
  return ["python3", fileURLToPath(new URL("../peers/rusage.py", import.meta.url)), MARK];
}
