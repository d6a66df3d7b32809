import { close, constants, fstat, fstatSync, open, read, readSync, readv } from "node:fs";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { type ByteSource, checkByteRange, newBuffer } from "../../bytes/source-and-sink.js";
import { SourceChangedError, UnreadableError } from "../../errors.js";
import { type HeldFile, holdFile, LARGEST_CALL } from "../system/open-file.js";
import { readFailure, reading } from "../system/system-errors.js";

const openFile = promisify(open);
const statFile = promisify(fstat);
const closeFile = promisify(close);
// For small reads, a call costs a tenth of FileHandle.read.
const readFile = promisify(read);
const readParts = promisify(readv);

/**
 * Opens a file as a `ByteSource`. Reads are positional (`pread`), so any number of them may overlap, also in other
 * processes.
 *
 * @throws NotFoundError when there is no such file
 * @throws UnreadableError when it may not be read, or is not a regular file
 */
export async function openFileSource(path: string): Promise<ByteSource> {
  // Absolute, since the working folder may change until it is opened again.
  const location = resolve(path);
  let held: HeldFile;
  let size: number;
  let modified: number;
  try {
    // Without O_NONBLOCK, opening a named pipe waits for its writer and cannot be aborted.
    const file = await openFile(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const found = await statFile(file);
    if (!found.isFile()) {
      await closeFile(file);
      throw notAFile(path, found.isDirectory());
    }
    held = holdFile(file, path);
    size = found.size;
    modified = found.mtimeMs;
  } catch (error) {
    throw readFailure(error, path);
  }
  const wrap = (error: unknown): never => {
    throw readFailure(error, path);
  };
  const fill = async (
    target: Uint8Array,
    offset: number,
    signal: AbortSignal | undefined,
    done = 0,
  ): Promise<void> => {
    while (done < target.length) {
      const length = Math.min(target.length - done, LARGEST_CALL);
      const { bytesRead } = await held
        .use((file) => readFile(file, target, done, length, offset + done))
        .catch(wrap);
      signal?.throwIfAborted();
      if (bytesRead === 0) throw shrunk(path, size);
      done += bytesRead;
    }
  };
  return {
    name: path,
    size,
    async read(offset, length, options) {
      options?.signal?.throwIfAborted();
      checkByteRange({ name: path, size }, offset, length);
      const target = newBuffer(length, path);
      await fill(target, offset, options?.signal);
      return target;
    },
    async readInto(offset, targets, options) {
      const signal = options?.signal;
      signal?.throwIfAborted();
      const total = targets.reduce((sum, { length }) => sum + length, 0);
      checkByteRange({ name: path, size }, offset, total);
      if (total === 0) return;
      let { bytesRead } =
        total > LARGEST_CALL
          ? { bytesRead: 0 }
          : await held.use((file) => readParts(file, targets, offset)).catch(wrap);
      signal?.throwIfAborted();
      // A read may be short, as on network disks.
      for (const target of bytesRead === total ? [] : targets) {
        const done = Math.min(bytesRead, target.length);
        await fill(target, offset, signal, done);
        bytesRead -= done;
        offset += target.length;
      }
    },
    readSync(offset, target) {
      checkByteRange({ name: path, size }, offset, target.length);
      for (let done = 0; done < target.length; ) {
        const length = Math.min(target.length - done, LARGEST_CALL);
        const bytesRead = reading(path, () =>
          held.useSync((file) => readSync(file, target, done, length, offset + done)),
        );
        if (bytesRead === 0) throw shrunk(path, size);
        done += bytesRead;
      }
    },
    checkUnchanged() {
      const found = held.useSync((file) => fstatSync(file));
      if (found.size === size && found.mtimeMs === modified) return;
      throw new SourceChangedError(
        `${path} was changed since it was opened: open it again when nothing writes there`,
        { location: path },
      );
    },
    descriptor: () => ({ location, version: `${size} bytes of ${modified}` }),
    close: () => held.close(),
  };
}

function notAFile(path: string, isFolder: boolean): UnreadableError {
  const what = isFolder ? "is a folder, not a file" : "is not a regular file: copy its content to one";
  return new UnreadableError(`${path} ${what}`, { location: path });
}

function shrunk(path: string, size: number): SourceChangedError {
  return new SourceChangedError(
    `${path} is shorter than the ${size} bytes it had when it was opened: it was changed while being read`,
    { location: path },
  );
}
