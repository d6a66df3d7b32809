import { readFileSync } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import type { JobFingerprint } from "../bytes/byte-sink.js";
import { journalPath, parseJournal } from "./file-journal.js";

/** What a process that was killed left beside a destination. */
export interface LeftPartial {
  readonly path: string;
  /** How far it had come, where it noted that: then it can be gone on with. */
  readonly journal: { readonly fingerprint: JobFingerprint; readonly notes: readonly string[] } | undefined;
}

/** A process on another computer is taken for dead when it has not written for this long, in milliseconds. */
const SILENT = 60_000;

/** Files and folders that were to become `path`, whose writers are gone; the one written last comes first. */
export async function leftPartials(path: string): Promise<LeftPartial[]> {
  const folder = dirname(path);
  const start = `.${basename(path)}.partial-`;
  const names = await readdir(folder).catch(() => []);
  const found: (LeftPartial & { readonly written: number })[] = [];
  for (const name of names) {
    const [, pid] = name.startsWith(start) ? (/^(\d+)-[0-9a-f]+$/.exec(name.slice(start.length)) ?? []) : [];
    if (pid === undefined) continue;
    const file = join(folder, name);
    const state = await stat(file).catch(() => undefined);
    if (!state?.isFile() && !state?.isDirectory()) continue;
    const text = await readFile(journalPath(file), "utf8").catch(() => "");
    const journal = parseJournal(text);
    const writer = journal?.writer ?? { pid: Number(pid), host: hostname() };
    // Of a folder that is being filled only the journal changes.
    const noted = await stat(journalPath(file)).catch(() => undefined);
    const written = Math.max(state.mtimeMs, noted?.mtimeMs ?? 0);
    if (writer.host === hostname() ? isAlive(writer.pid) : Date.now() - written < SILENT) continue;
    found.push({ path: file, journal, written });
  }
  return found.sort((a, b) => b.written - a.written);
}

/** Whether a process of this computer runs; this one itself is told apart by `partialPath`, so it counts as gone. */
function isAlive(pid: number): boolean {
  if (pid === process.pid) return false;
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
