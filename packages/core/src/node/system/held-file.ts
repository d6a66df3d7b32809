import { close } from "node:fs";
import { promisify } from "node:util";
import { UsageError } from "../../errors.js";

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
