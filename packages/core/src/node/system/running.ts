import { readFileSync } from "node:fs";

/**
 * Whether a process of this computer runs.
 *
 * @param start what `startOf` said of it: numbers are given again
 */
export function isRunning(pid: number, start?: string): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EPERM")) return false;
  }
  const found = statOf(pid);
  if (found === undefined) return true;
  // One that has ended and of which only the number is left, because nobody has asked how it ended: for good in
  // containers whose first process asks nobody.
  if (/[ZXx]/.test(found.state)) return false;
  return start === undefined || found.start === start;
}

/** When a process began, in words that another one with its number does not have; undefined where that is not told. */
export function startOf(pid: number): string | undefined {
  return statOf(pid)?.start;
}

/** See proc(5), `/proc/pid/stat`, whose second field may hold any character. */
function statOf(pid: number): { readonly state: string; readonly start: string | undefined } | undefined {
  if (process.platform !== "linux") return undefined;
  try {
    const [, text = ""] = /\) ([^)]*)$/.exec(readFileSync(`/proc/${pid}/stat`, "utf8")) ?? [];
    const fields = text.split(" ");
    // The first of these is the third one there.
    return { state: fields[0] ?? "", start: fields[22 - 3] };
  } catch {
    return undefined;
  }
}
