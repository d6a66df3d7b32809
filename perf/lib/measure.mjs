import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const GNU_TIME = "/usr/bin/time";
const MARK = "measured:";
const MEASURE = measuringCommand();

/** Whether a command can be run here. */
export function isInstalled(command) {
  return spawnSync("sh", ["-c", `command -v ${command}`]).status === 0;
}

/**
 * Runs a command as a whole process and measures it from its start to its end.
 *
 * @returns seconds on the clock, and where something here can tell them: seconds of processor time, which other
 * work on the machine changes less, and the peak memory of its largest process in MiB
 */
export async function measure([command, ...args], { cwd } = {}) {
  const [program, ...before] = [...MEASURE, command];
  const started = performance.now();
  const child = spawn(program, [...before, ...args], { cwd, stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (text) => {
    said += text;
  });
  const code = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  const seconds = (performance.now() - started) / 1000;
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${code}:\n${said}`);
  const [kib, user, system] = (said.split(MARK)[1] ?? "").trim().split(" ").map(Number);
  return system === undefined ? { seconds } : { seconds, cpu: user + system, rss: kib / 1024 };
}

/** What to put before a command so that it says what it took: GNU time, else Python's getrusage. */
function measuringCommand() {
  if (existsSync(GNU_TIME) && spawnSync(GNU_TIME, ["-f", "", "true"]).status === 0) {
    return [GNU_TIME, "-f", `${MARK}%M %U %S`];
  }
  if (!isInstalled("python3")) return [];
  return ["python3", fileURLToPath(new URL("../peers/rusage.py", import.meta.url)), MARK];
}
