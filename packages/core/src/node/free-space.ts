import { type StatsFs, statfs } from "node:fs";
import { dirname, resolve } from "node:path";
import { promisify } from "node:util";
import { WriteFailedError } from "../errors.js";
import { formatBytes } from "../words/units.js";

/** File systems that compress (btrfs, ZFS, bcachefs) may need less than is written to them. */
const COMPRESSING: ReadonlySet<number> = new Set([0x9123683e, 0x2fc12fc1, 0xca451a4e]);

export interface Need {
  /** Bytes of what is to be written, nothing taken off for what it will replace: until the end both exist. */
  readonly bytes: number;
  /** How many files they are, each of which fills its last block only in part. */
  readonly files?: number | undefined;
}

/**
 * Throws `WriteFailedError` when the file system that `path` goes to is known to have too little room. What it
 * does not tell, such as a quota, shows when it is written.
 *
 * @param path of a file or folder to be; the folder that it goes into exists
 */
export async function refuseWithoutRoom(
  path: string,
  { bytes, files = 1 }: Need,
  look: (folder: string) => Promise<StatsFs> = promisify(statfs),
): Promise<void> {
  const found = await look(dirname(resolve(path))).catch(() => undefined);
  // Network and other virtual file systems may have no blocks to speak of.
  if (found === undefined || found.blocks === 0 || COMPRESSING.has(found.type)) return;
  // Part of what is free is kept for the superuser.
  const blocks = process.getuid?.() === 0 ? found.bfree : found.bavail;
  const free = blocks * found.bsize;
  // On average, half a block is lost in each file.
  const needed = bytes + Math.max(0, files - 1) * (found.bsize / 2);
  if (needed <= free) return;
  throw new WriteFailedError(
    `${path} needs ${formatBytes(needed)}, and its disk has ${formatBytes(free)} free: free ${formatBytes(needed - free)} there, or choose another disk`,
    { location: path },
  );
}
