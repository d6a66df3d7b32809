import { open } from "node:fs/promises";
import { resolve } from "node:path";
import { refuseReplaced } from "./beside.js";
import { readFailure, writeFailure } from "./failures.js";
import { writeAll } from "./write-all.js";

/** A file that is changed where it lies; whoever does that keeps it whole at every moment. */
export interface TailFile {
  /** Writes at any position; beyond its end the file grows. */
  write(position: number, bytes: Uint8Array): Promise<void>;
  truncate(size: number): Promise<void>;
  /**
   * Returns when all that was written so far would survive a power cut.
   *
   * @throws SourceChangedError when another file has taken its place
   */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens a file to be changed in place.
 *
 * @throws NotFoundError when there is no such file
 * @throws WriteFailedError when it may not be written
 */
export async function openTailFile(path: string): Promise<TailFile> {
  // Asked apart, for "does not exist" is a matter of reading.
  await (await open(path, "r").catch(failReading)).close();
  const file = await open(path, "r+").catch(failWriting);
  const opened = await file.stat();
  const place = resolve(path);
  return {
    write: (position, bytes) => writeAll(file.fd, bytes, position).catch(failWriting),
    truncate: (size) => file.truncate(size).catch(failWriting),
    async sync() {
      await refuseReplaced(place, opened);
      await file.sync().catch(failWriting);
    },
    close: () => file.close(),
  };

  function failReading(error: unknown): never {
    throw readFailure(error, path);
  }

  function failWriting(error: unknown): never {
    throw writeFailure(error, path);
  }
}
