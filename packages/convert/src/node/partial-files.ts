import { createHash, randomBytes } from "node:crypto";
import { fsync, lstatSync, open, readdirSync, readFileSync, rmdirSync, rmSync } from "node:fs";
import { rename, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import type { JobFingerprint } from "@ozx/core/internal";
import { type HeldFile, holdFile, writeAll } from "@ozx/core/internal/node";
import { removeAtExit } from "./at-exit.js";

/**
 * A new name beside `path`, in the same folder and so on the same disk, for an output that is not complete. It explains
 * the file or folder if a killed process leaves it behind.
 */
export function partialPath(path: string): string {
  return pathBeside(path, "partial");
}

/** Such a name for files that will be added to the folder `path`: alone they are of no use. */
export function additionPath(path: string): string {
  return pathBeside(path, "addition");
}

/** Such a name for a lock, which gets its own when its text is in it. */
export function newLockPath(path: string): string {
  return pathBeside(path, "new");
}

/** Such a name for an output that is being replaced: unlike a partial one, it may be the only copy. */
export function replacedPath(path: string): string {
  return pathBeside(path, "replaced");
}

function pathBeside(path: string, kind: string): string {
  const rest = `${process.pid}-${hostMark()}-${randomBytes(4).toString("hex")}`;
  return join(dirname(path), `.${basename(path)}.${kind}-${rest}`);
}

/** The process that a partial file or folder is named after. */
export interface NamedWriter {
  readonly pid: number;
  /** Whether it ran on this computer; undefined in names of earlier versions, which do not say. */
  readonly isHere: boolean | undefined;
  /** Whether the files were to be added to a folder, instead of replacing it. */
  readonly isAddition: boolean;
}

/** Reads the name of a partial output of `path`, or of an addition to it; undefined for any other name. */
export function writerInName(name: string, path: string): NamedWriter | undefined {
  const start = `.${basename(path)}.`;
  if (!name.startsWith(start)) return undefined;
  const [, kind, pid, mark] = PARTIAL_NAME.exec(name.slice(start.length)) ?? [];
  if (pid === undefined) return undefined;
  const isHere = mark === undefined ? undefined : mark === hostMark();
  return { pid: Number(pid), isHere, isAddition: kind === "addition" };
}

const PARTIAL_NAME = /^(partial|addition|new)-(\d+)(?:-([0-9a-f]{8}))?-[0-9a-f]{8}$/;

/** Distinguishes computers that share a disk. Short, because the length of names is limited. */
function hostMark(): string {
  return createHash("sha256").update(hostname()).digest("hex").slice(0, 8);
}

/**
 * What this thread does with partial outputs, by their names, which are unique in all folders: it writes them, or has left
 * them to be resumed.
 */
const own = new Map<string, HeldPartial>();

interface HeldPartial {
  readonly state: "written" | "left";
  /** Forgets to remove it at the end of the process. */
  readonly forget: () => void;
}

/**
 * Marks a partial output as one that this thread writes. Call it before the output is created. If the process ends before
 * it is released, it is removed.
 *
 * @param options.stays whether it stays then, since another run may resume it
 */
export function holdPartial(path: string, { stays = false }: { readonly stays?: boolean } = {}): void {
  own.get(basename(path))?.forget();
  // The working folder may change until then.
  const absolute = resolve(path);
  const forget = stays ? () => {} : removeAtExit(() => removePartial(absolute));
  own.set(basename(path), { state: "written", forget });
}

/** In milliseconds: whoever ends a program does not wait until millions of files are removed. */
const REMOVAL_TIME = 2_000;

function removePartial(path: string): void {
  rmSync(journalPath(path), { force: true });
  removeUntil(path, Date.now() + REMOVAL_TIME);
}

/** Removes a file, or a folder and what is in it, until a time. */
function removeUntil(path: string, time: number): void {
  if (!lstatSync(path).isDirectory()) {
    rmSync(path, { force: true });
    return;
  }
  for (const name of readdirSync(path)) {
    if (Date.now() > time) return;
    removeUntil(join(path, name), time);
  }
  rmdirSync(path);
}

/** Unmarks a partial output that is published or removed. */
export function releasePartial(path: string): void {
  own.get(basename(path))?.forget();
  own.delete(basename(path));
}

/** Leaves a partial output: other runs may resume it. */
export function leavePartial(path: string): void {
  releasePartial(path);
  own.set(basename(path), { state: "left", forget: () => {} });
}

/**
 * Whether a partial output that is named after this process is still written, by this thread or another one. If not, it
 * was left, or is of an earlier process with the same id, as in a container that is restarted.
 *
 * @param changed when it was last written to, in milliseconds since 1970
 */
export function isWrittenHere(path: string, changed: number): boolean {
  const state = own.get(basename(path))?.state;
  if (state !== undefined) return state === "written";
  return changed >= Date.now() - process.uptime() * 1000;
}

/**
 * Whether a process is running on this computer.
 *
 * @param start what `startOf` returned for it, since process ids are reused
 */
export function isRunning(pid: number, start?: string): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EPERM")) return false;
  }
  const found = processStat(pid);
  if (found === undefined) return true;
  // A zombie has ended; in a container whose first process reaps no children it stays forever.
  if (/[ZXx]/.test(found.state)) return false;
  return start === undefined || found.start === start;
}

/** When a process started, as a text that differs for another one with the same id; undefined where unknown. */
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
    // The first of these is field 3, and the start time is field 22.
    return { state: fields[0] ?? "", start: fields[22 - 3] };
  } catch {
    return undefined;
  }
}

const openFile = promisify(open);
const syncFile = promisify(fsync);

/** The process that writes, or wrote, a partial output. */
export interface JournalWriter {
  readonly pid: number;
  readonly host: string;
  /** What `startOf` returned for it. */
  readonly start: string | undefined;
}

/** The contents of a journal: a first line that identifies the job and its writer, then one line for each record. */
export interface JournalText {
  readonly fingerprint: JobFingerprint;
  readonly writer: JournalWriter;
  /** The oldest first. */
  readonly records: readonly string[];
}

/** The path of the journal of a partial output. */
export function journalPath(partial: string): string {
  return `${partial}.journal`;
}

/** The name of the partial output that a journal belongs to, by its own name; undefined for other files. */
export function outputOfJournal(name: string): string | undefined {
  return /^(.*)\.journal(?:\.new)?$/s.exec(name)?.[1];
}

/** Parses a journal; undefined where it cannot be understood. An incomplete last line is ignored. */
export function parseJournal(text: string): JournalText | undefined {
  const [first, ...records] = text.split("\n").slice(0, -1);
  try {
    const { journal, job, source, pid, host, start } = JSON.parse(first ?? "") as Record<string, unknown>;
    if (journal !== JOURNAL_VERSION || typeof job !== "string" || typeof source !== "string")
      return undefined;
    if (typeof pid !== "number" || typeof host !== "string") return undefined;
    const writer = { pid, host, start: typeof start === "string" ? start : undefined };
    return { fingerprint: { job, source }, writer, records };
  } catch {
    return undefined;
  }
}

/**
 * Writes a journal with the records of an earlier one, atomically, and returns its file, open for appending.
 *
 * @param path of the journal
 */
export async function startJournal(
  path: string,
  { job, source }: JobFingerprint,
  records: readonly string[],
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
  const staged = `${path}.new`;
  try {
    await writeFile(staged, [first, ...records, ""].join("\n"), { flush: true });
    await rename(staged, path);
  } catch (error) {
    await rm(staged, { force: true });
    throw error;
  }
  return holdFile(await openFile(path, "a"), path);
}

/** Appends a record and makes it durable. */
export function appendRecord(journal: HeldFile, text: string): Promise<void> {
  return journal.use(async (file) => {
    await writeAll(file, Buffer.from(`${text}\n`));
    await syncFile(file);
  });
}

/** Increased when earlier versions could not understand the records, or would write other bytes for the same job. */
const JOURNAL_VERSION = 5;
