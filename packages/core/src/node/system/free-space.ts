import { type StatsFs, statfs } from "node:fs";
import { dirname, resolve } from "node:path";
import { promisify } from "node:util";
import { WriteFailedError } from "../../errors.js";
import { formatBytes } from "../../format/quantities.js";

/** File systems that compress (btrfs, ZFS, bcachefs) may need less than is written to them. */
const COMPRESSING: ReadonlySet<number> = new Set([0x9123683e, 0x2fc12fc1, 0xca451a4e]);

export interface Need {
  /** Bytes of what is to be written, nothing taken off for what it will replace: until the end both exist. */
  readonly bytes: number;
  /** How many files they are, each of which fills its last block only in part. */
  readonly files?: number | undefined;
}

/** How much room something takes, and how much there is. */
export interface Room {
  readonly needed: number;
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
export async function roomFor(
  path: string,
  { bytes, files = 1 }: Need,
  look: (folder: string) => Promise<StatsFs> = promisify(statfs),
): Promise<Room | undefined> {
  const found = await look(dirname(resolve(path))).catch(() => undefined);
  // Network and other virtual file systems may have no blocks to speak of.
  if (found === undefined || found.blocks === 0) return undefined;
  // Part of what is free is kept for the superuser.
  const blocks = process.getuid?.() === 0 ? found.bfree : found.bavail;
  // On average, half a block is lost in each file.
  const needed = bytes + Math.max(0, files - 1) * (found.bsize / 2);
  return { needed, free: blocks * found.bsize, isCertain: !COMPRESSING.has(found.type) };
}

/** Throws `WriteFailedError` when there is known to be too little room; otherwise like {@link roomFor}. */
export async function refuseWithoutRoom(
  path: string,
  need: Need,
  look?: (folder: string) => Promise<StatsFs>,
): Promise<void> {
  const room = await roomFor(path, need, look);
  if (room === undefined || !room.isCertain || room.needed <= room.free) return;
  const { needed, free } = room;
  throw new WriteFailedError(
    `${path} needs ${formatBytes(needed)}, and its disk has ${formatBytes(free)} free: free ${formatBytes(needed - free)} there, or choose another disk`,
    { location: path },
  );
}
