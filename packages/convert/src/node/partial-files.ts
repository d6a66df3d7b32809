import { createHash, randomBytes } from "node:crypto";
import { fsync, open, readFileSync } from "node:fs";
import { rename, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import type { JobFingerprint } from "@ozx/core/internal";
import { type HeldFile, holdFile, writeAll } from "@ozx/core/internal/node";

/** Who writes what has such a name. */
export interface NamedWriter {
  readonly pid: number;
  /** Whether it runs on this computer; undefined in names of earlier versions, which do not say it. */
  readonly isHere: boolean | undefined;
  /** Whether it was to be added to what is there, and not to take its place. */
  readonly isAddition: boolean;
}

/**
 * A name beside `path`, in the same folder and so on the same disk, that says what it is if a killed process
 * leaves it behind.
 */
export function partialPath(path: string): string {
  return pathBeside(path, "partial");
}

/** Such a name for what is to be added to what is at `path`: alone it is of no use to anybody. */
export function additionPath(path: string): string {
  return pathBeside(path, "addition");
}

/** Such a name for what was at `path` and is about to be replaced: unlike a partial, it may be all that there is. */
export function replacedPath(path: string): string {
  return pathBeside(path, "replaced");
}

function pathBeside(path: string, what: string): string {
  const rest = `${process.pid}-${hostMark()}-${randomBytes(4).toString("hex")}`;
  return join(dirname(path), `.${basename(path)}.${what}-${rest}`);
}

/** Says who writes, or wrote, what is to become `path`, or to be added to it; undefined for any other name. */
export function writerInName(name: string, path: string): NamedWriter | undefined {
  const start = `.${basename(path)}.`;
  if (!name.startsWith(start)) return undefined;
  const [, what, pid, mark] = PARTIAL_NAME.exec(name.slice(start.length)) ?? [];
  if (pid === undefined) return undefined;
  const isHere = mark === undefined ? undefined : mark === hostMark();
  return { pid: Number(pid), isHere, isAddition: what === "addition" };
}

const PARTIAL_NAME = /^(partial|addition)-(\d+)(?:-([0-9a-f]{8}))?-[0-9a-f]{8}$/;

/** Tells computers apart that share a disk; short, for names must not become too long. */
function hostMark(): string {
  return createHash("sha256").update(hostname()).digest("hex").slice(0, 8);
}

/** Names of what this process is writing: no two partials have the same, wherever they lie. */
const own = new Set<string>();

/** To be called before it is there. */
export function holdPartial(path: string): void {
  own.add(basename(path));
}

/** From then on others may go on with it, where it is still there. */
export function releasePartial(path: string): void {
  own.delete(basename(path));
}

/** Whether this process is writing it; else one with its number is of an earlier process that had the same. */
export function isOwnPartial(path: string): boolean {
  return own.has(basename(path));
}

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
  const found = processStat(pid);
  if (found === undefined) return true;
  // One that has ended and of which only the number is left, because nobody has asked how it ended: for good in
  // containers whose first process asks nobody.
  if (/[ZXx]/.test(found.state)) return false;
  return start === undefined || found.start === start;
}

/** When a process began, in words that another one with its number does not have; undefined where that is not told. */
export function startOf(pid: number): string | undefined {
  return processStat(pid)?.start;
}

/** See proc(5), `/proc/pid/stat`, whose second field may hold any character. */
function processStat(
  pid: number,
): { readonly state: string; readonly start: string | undefined } | undefined {
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

const openFile = promisify(open);
const syncFile = promisify(fsync);

/** Who writes, or wrote, a partial file. */
export interface JournalWriter {
  readonly pid: number;
  readonly host: string;
  /** When it began, as `startOf` says it. */
  readonly start: string | undefined;
}

/** What a journal says: a line that says what it is about, and a line for each note. */
export interface JournalText {
  readonly fingerprint: JobFingerprint;
  readonly writer: JournalWriter;
  readonly records: readonly string[];
}

/** Where the journal of a partial file is. */
export function journalPath(partial: string): string {
  return `${partial}.journal`;
}

/** Reads a journal. A last line that was not written to its end does not count. */
export function parseJournal(text: string): JournalText | undefined {
  const [first, ...notes] = text.split("\n").slice(0, -1);
  try {
    const { journal, job, source, pid, host, start } = JSON.parse(first ?? "") as Record<string, unknown>;
    if (journal !== JOURNAL_VERSION || typeof job !== "string" || typeof source !== "string")
      return undefined;
    if (typeof pid !== "number" || typeof host !== "string") return undefined;
    const began = typeof start === "string" ? start : undefined;
    return { fingerprint: { job, source }, writer: { pid, host, start: began }, records: notes };
  } catch {
    return undefined;
  }
}

/**
 * Writes a journal with notes that were taken before, and returns its file, open for more. It is there
 * completely or as it was.
 */
export async function startJournal(
  path: string,
  { job, source }: JobFingerprint,
  notes: readonly string[],
): Promise<HeldFile> {
  const { pid } = process;
  const first = JSON.stringify({
    journal: JOURNAL_VERSION,
    job,
    source,
    pid,
    host: hostname(),
    start: startOf(pid),
  });
  const beside = `${path}.new`;
  try {
    await writeFile(beside, [first, ...notes, ""].join("\n"), { flush: true });
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
  return holdFile(await openFile(path, "a"), path);
}

/** Adds a note and makes it durable. */
export function addRecord(journal: HeldFile, text: string): Promise<void> {
  return journal.use(async (file) => {
    await writeAll(file, Buffer.from(`${text}\n`));
    await syncFile(file);
  });
}

/** Another one for notes, or bytes, that the versions before do not understand or would not write. */
const JOURNAL_VERSION = 3;
