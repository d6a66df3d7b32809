import { write, writeSync } from "node:fs";
import { promisify } from "node:util";

const writeSome = promisify(write);

/** The most that is read or written by one call: Node takes no 2 GiB, and ends the process over some that are asked for. */
export const LARGEST_CALL = 2 ** 30;

/**
 * Writes all of some bytes to an open file: a nearly full disk takes less than it was given, and says why at the
 * next try.
 *
 * @param position where they go; where the file's own position is, or at its end when it was opened so, by default
 */
export async function writeAll(file: number, bytes: Uint8Array, position?: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const length = Math.min(bytes.length - done, LARGEST_CALL);
    const { bytesWritten } = await writeSome(file, bytes, done, length, after(position, done));
    done += bytesWritten;
  }
}

/** As {@link writeAll}, and blocks. */
export function writeAllSync(file: number, bytes: Uint8Array, position?: number): void {
  for (let done = 0; done < bytes.length; ) {
    const length = Math.min(bytes.length - done, LARGEST_CALL);
    done += writeSync(file, bytes, done, length, after(position, done));
  }
}

function after(position: number | undefined, done: number): number | null {
  return position === undefined ? null : position + done;
}
