import { randomBytes } from "node:crypto";
import { type FileHandle, lstat, open } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { DestinationExistsError } from "../errors.js";

/**
 * A name beside `path`, in the same folder and so on the same disk, that says what it is if a killed process
 * leaves it behind.
 */
export function partialPath(path: string): string {
  return join(dirname(path), `.${basename(path)}.partial-${process.pid}-${randomBytes(4).toString("hex")}`);
}

/** Throws `DestinationExistsError` when something is at `path`. */
export async function refuseExisting(path: string): Promise<void> {
  if (await exists(path))
    throw new DestinationExistsError(`${path} exists already`, { location: path, replaceable: true });
}

/** Whether anything is at `path`, a dangling link included. */
export async function exists(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined)) !== undefined;
}

/** Makes a rename in the folder of `path` durable, where the system can (Windows cannot open folders). */
export async function syncParent(path: string): Promise<void> {
  let folder: FileHandle | undefined;
  try {
    folder = await open(dirname(path), "r");
    await folder.sync();
  } catch {
    // Best effort: the data itself is synced; only the moment of the rename is not certain.
  } finally {
    await folder?.close();
  }
}
