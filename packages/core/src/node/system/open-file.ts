import { close, write, writeSync } from "node:fs";
import { promisify } from "node:util";
import { UnsupportedError, UsageError } from "../../errors.js";

const closeFile = promisify(close);

/**
 * An open file by its number, for calls that are too many to be made by a `FileHandle`. The system gives the number
 * to the next file that is opened once this one is closed, so that nobody may use it then.
 */
export interface HeldFile {
  /** Uses the file, which stays open until then. Throws `UsageError` once it was closed. */
  use<T>(work: (file: number) => Promise<T>): Promise<T>;
  /** As `use`, for what blocks. */
  useSync<T>(work: (file: number) => T): T;
  /** Refuses all later use, waits for what uses it now, and closes it. May be called again. */
  close(): Promise<void>;
}

/**
 * @param file its number, which nobody else closes
 * @param name what to call it in messages
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

/** What is thrown where something is asked of a file that was closed. */
export function closedError(name: string): UsageError {
  return new UsageError(`${name} was closed: open it again`);
}

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

/**
 * A buffer for bytes of a file. Not from Buffer's shared pool: what is read may be transferred to another thread.
 *
 * @throws UnsupportedError naming the file where memory has no room for so many
 */
export function newBuffer(length: number, path: string): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(length);
  } catch (cause) {
    throw new UnsupportedError(
      `${length} bytes of ${path} are to be read at once, and there is no memory for so many: the file is damaged, or needs a computer with more memory`,
      { location: path, feature: "large value" },
      { cause },
    );
  }
}
