import { execFile } from "node:child_process";
import { type Stats, type StatsFs, statfs } from "node:fs";
import { type FileHandle, lstat, open, stat } from "node:fs/promises";
import { dirname, join, posix, resolve } from "node:path";
import { promisify } from "node:util";
import { type AbsolutePath, DestinationExistsError, SourceChangedError, WriteFailedError } from "@ozx/core";
import type { StoreTarget } from "@ozx/core/container";
import { formatBytes } from "@ozx/core/internal";
import type { MultipartSinkOptions } from "@ozx/core/internal/node";

export interface DestinationOptions {
  /** Replace what exists at the destination; by default, that is an error. */
  readonly overwrite?: boolean | undefined;
  /** Resume what an interrupted process left beside the destination, and keep what is written if this one fails. */
  readonly resume?: boolean | undefined;
  /** Called with its path when a replaced folder could not be removed. By default, Node prints a warning. */
  readonly onReplacedLeftover?: ((path: string, cause: unknown) => void) | undefined;
  /**
   * Called with its path when a folder that is not complete is left behind: its files were too many to be removed in the
   * half second that an aborted signal leaves. By default, Node prints a warning.
   */
  readonly onPartialLeftover?: ((path: string) => void) | undefined;
  /** With `resume`, called once with what an unfinished upload has; undefined where there is none. */
  readonly onResumedUpload?: MultipartSinkOptions["onResume"];
}

/**
 * An output that is written beside its destination and published in a second step, for example after it was compared
 * with its input. End it with `close`, whatever happened.
 */
export interface StagedOutput {
  /** Takes one job. Its `write` returns when the output is complete and durable at `path`; nothing is published yet. */
  readonly target: StoreTarget;
  /** The file or folder that holds the output until it is published. */
  readonly path: string;
  /**
   * Moves the complete output to its destination, by a rename.
   *
   * @throws DestinationExistsError when something is there and `overwrite` is not set
   * @throws WriteFailedError when the output is not complete, was taken over by another run, or cannot be moved
   */
  publish(): Promise<void>;
  /** Removes the output, so that not even `resume` finds it; the destination is unchanged. Never throws. */
  discard(): Promise<void>;
  /** Removes an output that was not published, or with `resume` keeps what can be resumed. Never throws. */
  close(): Promise<void>;
}

/** @throws DestinationExistsError when something is at `path` */
export async function refuseExisting(path: string): Promise<void> {
  if (await exists(path))
    throw new DestinationExistsError(`${path} exists already`, { location: path, replaceable: true });
}

/** Whether anything is at `path`, a dangling link included. */
export async function exists(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined)) !== undefined;
}

/** Whether `path` is still the file or folder that was there before. */
async function isSame(path: string, before: Stats): Promise<boolean> {
  const now = await stat(path).catch(() => undefined);
  return now?.ino === before.ino && now.dev === before.dev;
}

/** @throws SourceChangedError when another file or folder was renamed to `path`: changes to the old one would be lost */
export async function refuseReplaced(path: string, opened: Stats): Promise<void> {
  if (await isSame(path, opened)) return;
  throw new SourceChangedError(
    `${path} was replaced while it was being changed: apply the change to the new one instead`,
    { location: path },
  );
}

/**
 * Checks that a partial file or folder still belongs to this run: one on another computer, or in another container,
 * takes it over if it has not been written to for a while.
 *
 * @throws WriteFailedError when it was taken over
 */
export async function refuseTaken(path: string, partial: string, begun: Stats): Promise<void> {
  if (await isSame(partial, begun)) return;
  throw new WriteFailedError(
    `${path} was not written: another run has taken over the unfinished output to resume it; let that run finish`,
    { location: path },
  );
}

/** Makes a rename in the parent folder of `path` durable, where the system can. */
export function syncParent(path: string): Promise<void> {
  return syncNames(dirname(path));
}

/** Makes the list of files in a folder durable, where the system can (Windows cannot open folders). */
async function syncNames(path: string): Promise<void> {
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

const CONCURRENT_SYNCS = 16;

/**
 * Makes the lists of files in folders durable, where the system can. Of many folders, one `syncfs` does it, as in
 * {@link syncFolder}.
 *
 * @param root a folder of the same disk
 */
export async function syncFolders(root: string, folders: readonly string[]): Promise<void> {
  const areMany = folders.length > CONCURRENT_SYNCS;
  if (areMany && process.platform === "linux" && (await syncFileSystem(root))) return;
  await forEachConcurrently(folders, syncNames);
}

/**
 * Makes all files below a folder durable, and their names. On Linux one `syncfs` does it, called through coreutils'
 * `sync -f` because Node has no such call: ten times faster than the fsync of each file on other systems.
 *
 * @param keys of all files below the folder
 */
export async function syncFolder(
  folder: string,
  keys: Iterable<AbsolutePath>,
  signal?: AbortSignal,
): Promise<void> {
  if (process.platform === "linux" && (await syncFileSystem(folder))) return;
  const parents = new Set<string>(["/"]);
  await forEachConcurrently(keys, async (key) => {
    signal?.throwIfAborted();
    for (let at = posix.dirname(key); !parents.has(at); at = posix.dirname(at)) parents.add(at);
    const file = await open(join(folder, key), "r+");
    try {
      await file.sync();
    } finally {
      await file.close();
    }
  });
  // The name of a file is durable once its folder is.
  await forEachConcurrently(parents, async (parent) => {
    signal?.throwIfAborted();
    await syncNames(join(folder, parent));
  });
}

/** Works on several items at once. After a failure no other item is begun, and those under way are waited for. */
export async function forEachConcurrently<T>(
  items: Iterable<T>,
  work: (item: T) => Promise<void>,
): Promise<void> {
  // All lanes share one iterator, so each item is taken once.
  const waiting = items[Symbol.iterator]();
  let failure: { readonly error: unknown } | undefined;
  const lane = async (): Promise<void> => {
    while (failure === undefined) {
      const next = waiting.next();
      if (next.done) return;
      await work(next.value).catch((error: unknown) => {
        failure ??= { error };
      });
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT_SYNCS }, lane));
  if (failure !== undefined) throw failure.error;
}

async function syncFileSystem(folder: string): Promise<boolean> {
  try {
    await promisify(execFile)("sync", ["-f", folder]);
    return true;
  } catch {
    return false;
  }
}

/** `statfs` types of file systems that compress (btrfs, ZFS, bcachefs), so that files may take less than their size. */
const COMPRESSING: ReadonlySet<number> = new Set([0x9123683e, 0x2fc12fc1, 0xca451a4e]);

export interface RequiredSpace {
  /** Size of the new output. An output that it replaces is not subtracted: until the end both exist. */
  readonly bytes: number;
  /** The number of files, each of which fills its last block only in part; 1 by default. */
  readonly files?: number | undefined;
}

/** The disk space that an output needs and has, in bytes. */
export interface FreeSpace {
  readonly required: number;
  readonly free: number;
  /** False where less than `required` may be enough, as on file systems that compress. */
  readonly isCertain: boolean;
}

/**
 * The free space of the file system that an output goes to; undefined where the system does not report it. Limits
 * that it never reports, such as a quota, show when something is written.
 *
 * @param path the output, whose parent folder exists
 * @param look reads the file system's statistics
 */
export async function freeSpaceFor(
  path: string,
  { bytes, files = 1 }: RequiredSpace,
  look: (folder: string) => Promise<StatsFs> = promisify(statfs),
): Promise<FreeSpace | undefined> {
  const found = await look(dirname(resolve(path))).catch(() => undefined);
  // Network and other virtual file systems may report no blocks.
  if (found === undefined || found.blocks === 0) return undefined;
  // Some of the free blocks are reserved for the superuser.
  const blocks = process.getuid?.() === 0 ? found.bfree : found.bavail;
  // On average, each file wastes half a block.
  const required = bytes + Math.max(0, files - 1) * (found.bsize / 2);
  return { required, free: blocks * found.bsize, isCertain: !COMPRESSING.has(found.type) };
}

/** @throws WriteFailedError when there is certainly too little free space for an output */
export async function refuseWithoutSpace(
  path: string,
  needed: RequiredSpace,
  look?: (folder: string) => Promise<StatsFs>,
): Promise<void> {
  const space = await freeSpaceFor(path, needed, look);
  if (space === undefined || !space.isCertain || space.required <= space.free) return;
  const { required, free } = space;
  throw new WriteFailedError(
    `${path} needs ${formatBytes(required)}, and its disk has ${formatBytes(free)} free: free ${formatBytes(required - free)} there, or choose another disk`,
    { location: path },
  );
}
