import { write, writeSync } from "node:fs";
import { promisify } from "node:util";

const writeSome = promisify(write);

/**
 * Writes all of some bytes to an open file: a nearly full disk takes less than it was given, and says why at the
 * next try.
 *
 * @param position where they go; where the file's own position is, or at its end when it was opened so, by default
 */
export async function writeAll(file: number, bytes: Uint8Array, position?: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await writeSome(file, bytes, done, bytes.length - done, after(position, done));
    done += bytesWritten;
  }
}

/** As {@link writeAll}, and blocks. */
export function writeAllSync(file: number, bytes: Uint8Array, position?: number): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(file, bytes, done, bytes.length - done, after(position, done));
  }
}

function after(position: number | undefined, done: number): number | null {
  return position === undefined ? null : position + done;
}
