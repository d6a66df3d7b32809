import { close, type Stats, write, writeSync } from "node:fs";
import { promisify } from "node:util";
import type { FileState } from "../../bytes/file-part.js";
import { UsageError } from "../../errors.js";

const closeFile = promisify(close);

/**
 * An open file descriptor, for calls that are too frequent for a `FileHandle`. Once it is closed, the system reuses its
 * number for another file, so this refuses later calls.
 */
export interface HeldFile {
  /**
   * Calls `work` with the descriptor, which stays open until that is done.
   *
   * @throws UsageError when the file was closed
   */
  use<T>(work: (file: number) => Promise<T>): Promise<T>;
  /** As `use`, for blocking calls. */
  useSync<T>(work: (file: number) => T): T;
  /** Refuses later calls, waits for current ones, and closes the file. May be called again. */
  close(): Promise<void>;
}

/**
 * Takes over an open file descriptor.
 *
 * @param file the descriptor, which nothing else closes
 * @param name the file's name in messages
 */
export function holdFile(file: number, name: string): HeldFile {
  let users = 0;
  let onFree: (() => void) | undefined;
  let closing: Promise<void> | undefined;
  const closeWhenFree = async (): Promise<void> => {
    if (users > 0) {
      await new Promise<void>((resolve) => {
        onFree = resolve;
      });
    }
    await closeFile(file);
  };
  return {
    async use(work) {
      if (closing !== undefined) throw closedError(name);
      users++;
      try {
        return await work(file);
      } finally {
        users--;
        if (users === 0) onFree?.();
      }
    },
    useSync(work) {
      if (closing !== undefined) throw closedError(name);
      return work(file);
    },
    close() {
      closing ??= closeWhenFree();
      return closing;
    },
  };
}

/** What tells an open file from others. */
export function stateOf({ dev, ino, size, mtimeMs }: Stats): FileState {
  return { device: dev, inode: ino, size, modified: mtimeMs };
}

/** The error for using a file after it was closed. */
export function closedError(name: string): UsageError {
  return new UsageError(`${name} was closed: open it again`);
}

const writeSome = promisify(write);

/** The most bytes for one call: Node rejects 2 GiB or more, and some such calls abort the process. */
export const LARGEST_CALL = 2 ** 30;

/**
 * Writes all bytes to an open file. A single call may write fewer: on a nearly full disk only the next one fails.
 *
 * @param position in the file; by default its current position, or its end if it was opened for appending
 */
export async function writeAll(file: number, bytes: Uint8Array, position?: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const length = Math.min(bytes.length - done, LARGEST_CALL);
    const { bytesWritten } = await writeSome(file, bytes, done, length, after(position, done));
    done += bytesWritten;
  }
}

/** As {@link writeAll}, but blocks. */
export function writeAllSync(file: number, bytes: Uint8Array, position?: number): void {
  for (let done = 0; done < bytes.length; ) {
    const length = Math.min(bytes.length - done, LARGEST_CALL);
    done += writeSync(file, bytes, done, length, after(position, done));
  }
}

function after(position: number | undefined, done: number): number | null {
  return position === undefined ? null : position + done;
}
