import { readFileSync } from "node:fs";

/** Whether a process of this computer runs. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
  return !isZombie(pid);
}

/**
 * Whether a process has ended and only its number is left, because nobody has asked how it ended: for good in containers
 * whose first process asks nobody (proc(5), `/proc/pid/stat`, whose second field may hold any character).
 */
function isZombie(pid: number): boolean {
  if (process.platform !== "linux") return false;
  try {
    return /^\) [ZXx]/.test(/\)[^)]*$/.exec(readFileSync(`/proc/${pid}/stat`, "utf8"))?.[0] ?? "");
  } catch {
    return false;
  }
}
