import { stat } from "node:fs/promises";
import { openDirectoryStore } from "@ozx/core/node";
import { createProgress, type ProgressReporter } from "../terminal/progress.js";

/**
 * Progress of a check that reads all data. Of a file it is read twice, once for its checksums and once to decode
 * it; of a folder once.
 */
export async function createCheckProgress(path: string): Promise<ProgressReporter | undefined> {
  const bytes = await bytesToRead(path);
  if (bytes === undefined) return undefined;
  return createProgress(process.stderr, { verb: "Checking", bytes });
}

/** Undefined for what is not there: the check itself says so. */
async function bytesToRead(path: string): Promise<number | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile()) return found.size * 2;
  if (!found?.isDirectory()) return undefined;
  const store = await openDirectoryStore(path);
  let bytes = 0;
  try {
    for await (const { size } of store.list()) bytes += size;
  } catch {
    return undefined;
  }
  return bytes;
}
