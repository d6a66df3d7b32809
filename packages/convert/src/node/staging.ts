import { execFile } from "node:child_process";
import { type Stats, type StatsFs, statfs } from "node:fs";
import { type FileHandle, lstat, open, stat } from "node:fs/promises";
import { dirname, join, posix, resolve } from "node:path";
import { promisify } from "node:util";
import { type AbsolutePath, DestinationExistsError, SourceChangedError, WriteFailedError } from "@ozx/core";
import { formatBytes } from "@ozx/core/internal";

export interface DestinationOptions {
  /** Replace what is at the destination; it is refused otherwise. */
  readonly overwrite?: boolean | undefined;
  /**
   * Go on with what a process that was cut short left beside the destination, and leave what is written when
   * this one is.
   */
  readonly resume?: boolean | undefined;
  /** Called when the folder that was replaced could not be removed, with where it lies now. By default, Node warns. */
  readonly onReplacedLeftover?: ((place: string, cause: unknown) => void) | undefined;
  /** Asked when all is written and synced, before it replaces what is there. */
  readonly check?: OutputCheck | undefined;
}

/** Looks at a file or folder that is complete and has not its place yet, and says whether it may have it. */
export type OutputCheck = (partial: string) => Promise<boolean>;

/** The output is complete, and not what it was to be: nothing of it is kept, also not to be gone on with. */
export class VerifyFailedError extends WriteFailedError {}

/** @throws RefutedError when what is to be at `path` is not as it was to be, and what the check throws */
export async function refuseUnverified(
  path: string,
  partial: string,
  check: OutputCheck | undefined,
): Promise<void> {
  if (check === undefined || (await check(partial))) return;
  throw new VerifyFailedError(`${path} is not written, for it would not be what it was to be`, {
    location: path,
  });
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

const AT_ONCE = 16;

/**
 * Makes all files below a folder durable, and that they are there. On Linux one `syncfs` does it, by way of coreutils'
 * `sync -f`, because Node has no call for it: ten times faster than an fsync a file, which is what others get.
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
  await inLanes(keys, async (key) => {
    signal?.throwIfAborted();
    for (let at = posix.dirname(key); !parents.has(at); at = posix.dirname(at)) parents.add(at);
    const file = await open(join(folder, key), "r+");
    try {
      await file.sync();
    } finally {
      await file.close();
    }
  });
  // That a file is there is for its folder to know.
  await inLanes(parents, async (parent) => {
    signal?.throwIfAborted();
    await syncNames(join(folder, parent));
  });
}

async function inLanes<T>(items: Iterable<T>, work: (item: T) => Promise<void>): Promise<void> {
  // One for all lanes: each item is taken by one of them.
  const waiting = items[Symbol.iterator]();
  const lane = async (): Promise<void> => {
    for (let next = waiting.next(); !next.done; next = waiting.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}

async function syncFileSystem(folder: string): Promise<boolean> {
  try {
    await promisify(execFile)("sync", ["-f", folder]);
    return true;
  } catch {
    return false;
  }
}

/** File systems that compress (btrfs, ZFS, bcachefs) may need less than is written to them. */
const COMPRESSING: ReadonlySet<number> = new Set([0x9123683e, 0x2fc12fc1, 0xca451a4e]);

export interface RequiredSpace {
  /** Bytes of what is to be written, nothing taken off for what it will replace: until the end both exist. */
  readonly bytes: number;
  /** How many files they are, each of which fills its last block only in part. */
  readonly files?: number | undefined;
}

/** How much room something takes, and how much there is. */
export interface FreeSpace {
  readonly required: number;
  readonly free: number;
  /** Whether as much is needed as it says: file systems that compress may do with less. */
  readonly isCertain: boolean;
}

/**
 * How much room there is on the file system that `path` goes to; undefined where it does not tell. What it never
 * tells, such as a quota, shows when something is written.
 *
 * @param path of a file or folder to be; the folder that it goes into exists
 */
export async function freeSpaceFor(
  path: string,
  { bytes, files = 1 }: RequiredSpace,
  look: (folder: string) => Promise<StatsFs> = promisify(statfs),
): Promise<FreeSpace | undefined> {
  const found = await look(dirname(resolve(path))).catch(() => undefined);
  // Network and other virtual file systems may have no blocks to speak of.
  if (found === undefined || found.blocks === 0) return undefined;
  // Part of what is free is kept for the superuser.
  const blocks = process.getuid?.() === 0 ? found.bfree : found.bavail;
  // On average, half a block is lost in each file.
  const needed = bytes + Math.max(0, files - 1) * (found.bsize / 2);
  return { required: needed, free: blocks * found.bsize, isCertain: !COMPRESSING.has(found.type) };
}

/** Throws `WriteFailedError` when there is known to be too little room; otherwise like {@link freeSpaceFor}. */
export async function refuseWithoutSpace(
  path: string,
  need: RequiredSpace,
  look?: (folder: string) => Promise<StatsFs>,
): Promise<void> {
  const room = await freeSpaceFor(path, need, look);
  if (room === undefined || !room.isCertain || room.required <= room.free) return;
  const { required: needed, free } = room;
  throw new WriteFailedError(
    `${path} needs ${formatBytes(needed)}, and its disk has ${formatBytes(free)} free: free ${formatBytes(needed - free)} there, or choose another disk`,
    { location: path },
  );
}
