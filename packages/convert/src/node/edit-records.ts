import { readFile, realpath, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { errorCode, readFailure, writeFailure } from "@ozx/core/internal/node";
import { type EditRecord, formatRecord, parseRecord } from "../edit/edit-record.js";
import { syncParent } from "./staging.js";

/** The record of an edit that is under way. End it with one of the two. */
export interface StagedRecord {
  /** Makes it the record of the last edit, which is complete. */
  keep(): Promise<void>;
  /** Removes it, as the edit has failed; the record before it stays. Never throws. */
  discard(): Promise<void>;
}

/**
 * Writes the record of an edit beside what is edited, before anything is changed.
 *
 * @throws WriteFailedError when it cannot be written
 */
export async function stageRecord(path: string, record: EditRecord): Promise<StagedRecord> {
  const { last, next } = await recordsOf(path);
  try {
    await writeFile(next, formatRecord(record), { flush: true });
  } catch (error) {
    await rm(next, { force: true }).catch(() => {});
    throw writeFailure(error, path);
  }
  return {
    async keep() {
      try {
        await rename(next, last);
      } catch (error) {
        throw writeFailure(error, path);
      }
      await syncParent(last);
    },
    discard: () => rm(next, { force: true }).catch(() => {}),
  };
}

/**
 * The records beside a file or folder, the newest first: where a process was killed, that of its edit, which may not have
 * begun, comes before that of the last complete one.
 *
 * @throws UnreadableError when one cannot be read
 */
export async function readRecords(path: string): Promise<EditRecord[]> {
  const { last, next } = await recordsOf(path);
  const records: EditRecord[] = [];
  for (const file of [next, last]) {
    try {
      const record = parseRecord(await readFile(file, "utf8"));
      if (record !== undefined) records.push(record);
    } catch (error) {
      if (errorCode(error) !== "ENOENT") throw readFailure(error, file);
    }
  }
  return records;
}

/** Removes the records beside a file or folder. Never throws. */
export async function removeRecords(path: string): Promise<void> {
  const { last, next } = await recordsOf(path);
  for (const file of [next, last]) await rm(file, { force: true }).catch(() => {});
}

async function recordsOf(path: string): Promise<{ readonly last: string; readonly next: string }> {
  const real = await realpath(path).catch((error: unknown) => {
    throw readFailure(error, path);
  });
  const last = join(dirname(real), `.${basename(real)}.undo`);
  return { last, next: `${last}.new` };
}
