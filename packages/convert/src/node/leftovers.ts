import { readdir, readFile, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import type { JobFingerprint } from "@ozx/core/internal";
import { lockOf, lockPath, removeTaking, takingOf } from "./lock-path.js";
import {
  isRunning,
  isWrittenHere,
  journalPath,
  outputOfJournal,
  parseJournal,
  writerInName,
} from "./partial-files.js";
import { removeFolder } from "./remove-folder.js";

/** What an interrupted process left beside a destination. */
export interface Leftover {
  /** The partial file or folder. */
  readonly path: string;
  /** How far the process had come; undefined where it made no checkpoint, so that nothing can be resumed. */
  readonly journal: { readonly fingerprint: JobFingerprint; readonly records: readonly string[] } | undefined;
  /** Whether the process ran on another computer, where it may still run: it has only written nothing for a while. */
  readonly elsewhere: boolean;
  /** Whether its files were to be added to the folder at the destination, instead of replacing it. */
  readonly isAddition: boolean;
  /** Whether it is of no use to anybody, so that the next run with `resume` removes it once its own output is there. */
  readonly isUseless: boolean;
}

/** A process on another computer is considered dead when it has written nothing for this many milliseconds. */
const IDLE_TIMEOUT = 60_000;

/** The partial files and folders of the output `path` whose processes are gone; the one written last comes first. */
export async function findLeftovers(path: string): Promise<Leftover[]> {
  const folder = dirname(path);
  const names = await readdir(folder).catch(() => []);
  const found: (Leftover & { readonly written: number })[] = [];
  for (const name of names) {
    const named = writerInName(name, path);
    if (named === undefined) continue;
    const file = join(folder, name);
    const state = await stat(file).catch(() => undefined);
    if (!state?.isFile() && !state?.isDirectory()) continue;
    const text = await readFile(journalPath(file), "utf8").catch(() => "");
    const journal = parseJournal(text);
    // While a folder is filled, only the time of its journal changes.
    const journalState = await stat(journalPath(file)).catch(() => undefined);
    const written = Math.max(state.mtimeMs, journalState?.mtimeMs ?? 0);
    const isHere = journal ? journal.writer.host === hostname() : named.isHere;
    if (isHere !== false && isAlive(file, journal?.writer ?? named, written)) continue;
    if (isHere !== true && Date.now() - written < IDLE_TIMEOUT) continue;
    const { isAddition } = named;
    const isUseless = journalState === undefined && isHere === true && !isAddition;
    found.push({ path: file, journal, elsewhere: isHere === false, isAddition, isUseless, written });
  }
  return found.sort((a, b) => b.written - a.written);
}

/** Whether a process of this computer still writes a partial output. */
function isAlive(
  file: string,
  { pid, start }: { readonly pid: number; readonly start?: string | undefined },
  written: number,
): boolean {
  return pid === process.pid ? isWrittenHere(file, written) : isRunning(pid, start);
}

/**
 * Removes what killed processes of this computer left of an output that is complete now: partial outputs without a
 * journal or with one of the same job, journals without a partial output, and locks. Never throws.
 *
 * @param path the output
 * @param fingerprint of its job; undefined where it has none
 */
export async function removeUseless(path: string, fingerprint: JobFingerprint | undefined): Promise<void> {
  try {
    for (const leftover of await findLeftovers(path)) {
      if (!leftover.isUseless && !isOfJob(leftover, fingerprint)) continue;
      await removeFolder(leftover.path);
      await rm(journalPath(leftover.path), { force: true });
    }
    for (const journal of await strayJournals(path)) await rm(journal, { force: true });
  } catch {
    // Nothing depends on it: the next run finds them again.
  }
  await removeStaleLocks(path);
}

/** Removes locks of processes that were killed before these had their names, or while they replaced one. Never throws. */
export async function removeStaleLocks(path: string): Promise<void> {
  try {
    const lock = lockOf(path);
    await removeTaking(lock);
    for (const name of [lock, takingOf(lock)]) {
      for (const staged of await findLeftovers(name)) {
        if (staged.isUseless) await rm(staged.path, { force: true });
      }
    }
  } catch {
    // As above.
  }
}

function isOfJob({ journal, elsewhere }: Leftover, fingerprint: JobFingerprint | undefined): boolean {
  if (elsewhere || journal === undefined || fingerprint === undefined) return false;
  return journal.fingerprint.job === fingerprint.job && journal.fingerprint.source === fingerprint.source;
}

/** As {@link removeUseless}, for an output that was complete before this run. */
export async function removeStale(path: string): Promise<void> {
  try {
    // Takes over the lock of a killed process; nothing is removed while another writer is at work.
    const unlock = await lockPath(path, { creates: true });
    await removeUseless(path, undefined);
    await unlock();
  } catch {
    // As above.
  }
}

/** Journals of dead processes whose partial output is gone, and those that were not complete when the process was killed. */
async function strayJournals(path: string): Promise<string[]> {
  const folder = dirname(path);
  const names = new Set(await readdir(folder));
  const stray: string[] = [];
  for (const name of names) {
    const output = outputOfJournal(name);
    const named = output === undefined ? undefined : writerInName(output, path);
    if (output === undefined || named?.isHere !== true) continue;
    const isComplete = name === basename(journalPath(output));
    if (isComplete && names.has(output)) continue;
    const state = await stat(join(folder, name)).catch(() => undefined);
    if (state !== undefined && !isAlive(join(folder, output), named, state.mtimeMs))
      stray.push(join(folder, name));
  }
  return stray;
}
