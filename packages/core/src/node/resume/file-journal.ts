import { fsync, open } from "node:fs";
import { rename, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { promisify } from "node:util";
import type { JobFingerprint } from "../../bytes/source-and-sink.js";
import { type HeldFile, holdFile } from "../system/held-file.js";
import { startOf } from "../system/running.js";
import { writeAll } from "../system/write-all.js";

const openFile = promisify(open);
const syncFile = promisify(fsync);

/** Who writes, or wrote, a partial file. */
export interface Writer {
  readonly pid: number;
  readonly host: string;
  /** When it began, as `startOf` says it. */
  readonly start: string | undefined;
}

/** What a journal says: a line that says what it is about, and a line for each note. */
export interface JournalText {
  readonly fingerprint: JobFingerprint;
  readonly writer: Writer;
  readonly notes: readonly string[];
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
    if (journal !== VERSION || typeof job !== "string" || typeof source !== "string") return undefined;
    if (typeof pid !== "number" || typeof host !== "string") return undefined;
    const began = typeof start === "string" ? start : undefined;
    return { fingerprint: { job, source }, writer: { pid, host, start: began }, notes };
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
  const first = JSON.stringify({ journal: VERSION, job, source, pid, host: hostname(), start: startOf(pid) });
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
export function addNote(journal: HeldFile, text: string): Promise<void> {
  return journal.use(async (file) => {
    await writeAll(file, Buffer.from(`${text}\n`));
    await syncFile(file);
  });
}

/** Another one for notes, or bytes, that the versions before do not understand or would not write. */
const VERSION = 3;
