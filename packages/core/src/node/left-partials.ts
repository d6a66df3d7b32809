import { readdir, readFile, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import type { JobFingerprint } from "../bytes/byte-sink.js";
import { journalPath, parseJournal } from "./file-journal.js";
import { isRunning } from "./running.js";

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
    // What this process itself writes is told apart by `partialPath`: with its number it is of an earlier one.
    const isHere = writer.host === hostname();
    const isAlive = isHere
      ? writer.pid !== process.pid && isRunning(writer.pid)
      : Date.now() - written < SILENT;
    if (isAlive) continue;
    found.push({ path: file, journal, written });
  }
  return found.sort((a, b) => b.written - a.written);
}
