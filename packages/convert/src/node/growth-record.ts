import { createHash } from "node:crypto";
import { type FileHandle, open, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { isJsonObject } from "@ozx/core/container";
import { writeFailure } from "@ozx/core/internal/node";
import { syncParent } from "./staging.js";

/** The end of a file before it grows. */
interface GrowthRecord {
  /** Bytes of the file. */
  readonly size: number;
  /** Where the end starts that readers need. */
  readonly from: number;
  /** SHA-256 of the bytes from there to `size`. */
  readonly sha256: string;
}

/** The record beside a file that grows in place; it is there only meanwhile, and after a kill or a power cut. */
export function growthRecordOf(path: string): string {
  return join(dirname(path), `.${basename(path)}.growth`);
}

/**
 * Writes down, durably, what the end of a file is, before the file grows in a write that may be interrupted halfway.
 *
 * @param path without links
 * @param from where the end starts that readers need
 */
export async function recordGrowth(path: string, from: number): Promise<void> {
  const record = growthRecordOf(path);
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    const content: GrowthRecord = { size, from, sha256: await hashOf(file, from, size) };
    await writeFile(record, JSON.stringify(content), { flush: true });
    await syncParent(record);
  } catch (error) {
    throw writeFailure(error, path);
  } finally {
    await file.close();
  }
}

/** Removes the record of a file, whose change has ended. Never throws. */
export async function removeGrowthRecord(path: string): Promise<void> {
  await rm(growthRecordOf(path), { force: true }).catch(() => {});
}

/**
 * Cuts a file back to its size before a change of ozx that was interrupted while the file grew. Nothing is cut where the
 * change had come further, or the file was changed since: the bytes before the old end must be those that were there. The
 * caller holds the file's lock.
 *
 * @returns the number of bytes that were cut off
 * @throws WriteFailedError when the file cannot be changed
 */
export async function cutInterrupted(path: string): Promise<number> {
  const real = await realpath(path).catch(() => undefined);
  const text = real && (await readFile(growthRecordOf(real), "utf8").catch(() => undefined));
  if (real === undefined || text === undefined) return 0;
  const cut = await cutAt(real, parseGrowth(text)).catch((error: unknown) => {
    throw writeFailure(error, path);
  });
  await removeGrowthRecord(real);
  return cut;
}

async function cutAt(path: string, record: GrowthRecord | undefined): Promise<number> {
  if (record === undefined) return 0;
  const file = await open(path, "r+");
  try {
    const { size } = await file.stat();
    if (size <= record.size || (await hashOf(file, record.from, record.size)) !== record.sha256) return 0;
    await file.truncate(record.size);
    await file.sync();
    return size - record.size;
  } finally {
    await file.close();
  }
}

function parseGrowth(text: string): GrowthRecord | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (!isJsonObject(value)) return undefined;
    const { size, from, sha256 } = value;
    const isValid = Number.isSafeInteger(size) && Number.isSafeInteger(from) && typeof sha256 === "string";
    return isValid ? { size: Number(size), from: Number(from), sha256 } : undefined;
  } catch {
    // A record that is not complete was written before the file grew.
    return undefined;
  }
}

const BLOCK = 1024 * 1024;

async function hashOf(file: FileHandle, from: number, to: number): Promise<string> {
  const hash = createHash("sha256");
  const block = Buffer.allocUnsafe(BLOCK);
  for (let at = from; at < to; ) {
    const { bytesRead } = await file.read(block, 0, Math.min(BLOCK, to - at), at);
    if (bytesRead === 0) break;
    hash.update(block.subarray(0, bytesRead));
    at += bytesRead;
  }
  return hash.digest("hex");
}
