import { readdir, readFile, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import type { JobFingerprint } from "../../bytes/source-and-sink.js";
import { writerInName } from "../system/partial-name.js";
import { isRunning } from "../system/running.js";
import { journalPath, parseJournal } from "./file-journal.js";
import { isOwnPartial } from "./own-partials.js";

/** What a process that was killed left beside a destination. */
export interface LeftPartial {
  readonly path: string;
  /** How far it had come, where it noted that: then it can be gone on with. */
  readonly journal: { readonly fingerprint: JobFingerprint; readonly notes: readonly string[] } | undefined;
  /** Whether the process ran on another computer, so that it is only known to have written nothing for a while. */
  readonly elsewhere: boolean;
  /** Whether it was to be added to what is at the destination. */
  readonly isAddition: boolean;
}

/** A process on another computer is taken for dead when it has not written for this long, in milliseconds. */
const SILENT = 60_000;

/** Files and folders that were to become `path`, whose writers are gone; the one written last comes first. */
export async function leftPartials(path: string): Promise<LeftPartial[]> {
  const folder = dirname(path);
  const names = await readdir(folder).catch(() => []);
  const found: (LeftPartial & { readonly written: number })[] = [];
  for (const name of names) {
    const named = writerInName(name, path);
    if (named === undefined) continue;
    const file = join(folder, name);
    const state = await stat(file).catch(() => undefined);
    if (!state?.isFile() && !state?.isDirectory()) continue;
    const text = await readFile(journalPath(file), "utf8").catch(() => "");
    const journal = parseJournal(text);
    // Of a folder that is being filled only the journal changes.
    const noted = await stat(journalPath(file)).catch(() => undefined);
    const written = Math.max(state.mtimeMs, noted?.mtimeMs ?? 0);
    const isHere = journal ? journal.writer.host === hostname() : named.isHere;
    if (isOwnPartial(file)) continue;
    if (isHere !== false && runsHere(journal?.writer ?? named)) continue;
    if (isHere !== true && Date.now() - written < SILENT) continue;
    const { isAddition } = named;
    found.push({ path: file, journal, elsewhere: isHere === false, isAddition, written });
  }
  return found.sort((a, b) => b.written - a.written);
}

/** With the number of this process it is of an earlier one, for what this one writes is known. */
function runsHere({ pid, start }: { readonly pid: number; readonly start?: string | undefined }): boolean {
  return pid !== process.pid && isRunning(pid, start);
}
