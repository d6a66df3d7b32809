import type { Stats } from "node:fs";
import { type FileHandle, lstat, open, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { DestinationExistsError, SourceChangedError, WriteFailedError } from "../../errors.js";

/** Throws `DestinationExistsError` when something is at `path`. */
export async function refuseExisting(path: string): Promise<void> {
  if (await exists(path))
    throw new DestinationExistsError(`${path} exists already`, { location: path, replaceable: true });
}

/** Whether anything is at `path`, a dangling link included. */
export async function exists(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined)) !== undefined;
}

/**
 * Throws `SourceChangedError` when something else has come to `path` meanwhile, by a rename: what is written to what was
 * there would be lost.
 */
export async function refuseReplaced(path: string, opened: Stats): Promise<void> {
  const now = await stat(path).catch(() => undefined);
  if (now?.ino === opened.ino && now.dev === opened.dev) return;
  throw new SourceChangedError(
    `${path} was replaced while it was being changed: change the new one instead`,
    {
      location: path,
    },
  );
}

/**
 * Throws `WriteFailedError` when a partial file or folder is not the one any more that was begun: a run on another
 * computer, or in another container, may take one for left that says nothing for long.
 */
export async function refuseTaken(path: string, partial: string, begun: Stats): Promise<void> {
  const now = await stat(partial).catch(() => undefined);
  if (now?.ino === begun.ino && now.dev === begun.dev) return;
  throw new WriteFailedError(
    `${path} was not written: another run goes on with what this one had written of it; let that one finish`,
    { location: path },
  );
}

/** Makes a rename in the folder of `path` durable, where the system can. */
export function syncParent(path: string): Promise<void> {
  return syncNames(dirname(path));
}

/** Makes durable which files a folder has, where the system can (Windows cannot open folders). */
export async function syncNames(path: string): Promise<void> {
  let folder: FileHandle | undefined;
  try {
    folder = await open(path, "r");
    await folder.sync();
  } catch {
    // Best effort: the data itself is synced; only the moment of a rename is not certain.
  } finally {
    await folder?.close();
  }
}
