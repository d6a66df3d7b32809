import { fstat, fsync, ftruncate, open } from "node:fs";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { refuseReplaced } from "../system/beside.js";
import { readFailure, writeFailure } from "../system/failures.js";
import { holdFile } from "../system/held-file.js";
import { writeAll } from "../system/write-all.js";

const openFile = promisify(open);
const statFile = promisify(fstat);
const syncFile = promisify(fsync);
const truncateFile = promisify(ftruncate);

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
  await holdFile(await openFile(path, "r").catch(failReading), path).close();
  const file = holdFile(await openFile(path, "r+").catch(failWriting), path);
  const opened = await file.use((open) => statFile(open));
  const place = resolve(path);
  return {
    write: (position, bytes) => file.use((open) => writeAll(open, bytes, position)).catch(failWriting),
    truncate: (size) => file.use((open) => truncateFile(open, size)).catch(failWriting),
    async sync() {
      await refuseReplaced(place, opened);
      await file.use(syncFile).catch(failWriting);
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
