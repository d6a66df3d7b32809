import {
  close,
  constants,
  fstat,
  fstatSync,
  open,
  read,
  readSync,
  readv,
  type Stats,
  statSync,
} from "node:fs";
import { opendir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import {
  type ByteSource,
  checkByteRange,
  checkWithinFolder,
  newBuffer,
  type SourceFolder,
} from "../../bytes/source-and-sink.js";
import { isOzxError, SourceChangedError, UnreadableError } from "../../errors.js";
import type { StoreOptions } from "../../store/store-format.js";
import { type HeldFile, holdFile, LARGEST_CALL, stateOf } from "../system/open-file.js";
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
 * @param options `blocking` as in `StoreOptions`
 * @throws NotFoundError when there is no such file
 * @throws UnreadableError when it may not be read, or is not a regular file
 */
export async function openFileSource(
  path: string,
  { blocking = false }: Pick<StoreOptions, "blocking"> = {},
): Promise<ByteSource> {
  // Absolute, since the working folder may change until it is opened again.
  const location = resolve(path);
  let held: HeldFile;
  let opened: Stats;
  try {
    // Without O_NONBLOCK, opening a named pipe waits for its writer and cannot be aborted.
    const file = await openFile(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    opened = await statFile(file);
    if (!opened.isFile()) {
      await closeFile(file);
      throw notAFile(path, opened.isDirectory());
    }
    held = holdFile(file, path);
  } catch (error) {
    throw readFailure(error, path);
  }
  const { size } = opened;
  const state = stateOf(opened);
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
  const source: ByteSource = {
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
      const now = held.useSync((file) => fstatSync(file));
      if (isUnchanged(now, opened) && isSameFile(location, opened)) return;
      throw new SourceChangedError(
        `${path} was changed since it was opened: open it again when nothing writes there`,
        { location: path },
      );
    },
    descriptor: () => ({ location, version: `${size} bytes of ${opened.mtimeMs}` }),
    locate: ({ offset, length }) => ({ path: location, offset, length, blocking, opened: state }),
    folder: openSourceFolder(dirname(location), dirname(path)),
    close: () => held.close(),
  };
  return blocking ? withBlockingReads(source) : source;
}

/** The source with blocking reads in place of those in the thread pool, each of which costs several of its calls. */
function withBlockingReads(source: ByteSource): ByteSource {
  const readAt = (offset: number, target: Uint8Array, signal: AbortSignal | undefined): void => {
    signal?.throwIfAborted();
    source.readSync?.(offset, target);
  };
  return {
    ...source,
    async read(offset, length, options) {
      checkByteRange(source, offset, length);
      const target = newBuffer(length, source.name);
      readAt(offset, target, options?.signal);
      return target;
    },
    async readInto(offset, targets, options) {
      for (const target of targets) {
        readAt(offset, target, options?.signal);
        offset += target.length;
      }
    },
  };
}

/** Not by the time of modification alone, which programs set: the last change of status (ctime) they cannot. */
function isUnchanged(now: Stats, before: Stats): boolean {
  return now.size === before.size && now.mtimeMs === before.mtimeMs && now.ctimeMs === before.ctimeMs;
}

/** Whether no other file was moved to a path. */
function isSameFile(path: string, before: Stats): boolean {
  const now = statSync(path, { throwIfNoEntry: false });
  return now === undefined || (now.ino === before.ino && now.dev === before.dev);
}

/** How many files of a folder are listed: more are not the files of one image. */
const MOST_FILES = 4_000_000;

/**
 * The files in a folder and below it, as the sources of an image that is in several.
 *
 * @param folder an absolute path
 * @param name in messages
 */
export function openSourceFolder(folder: string, name: string): SourceFolder {
  return {
    name,
    location: folder,
    async open(path, options) {
      options?.signal?.throwIfAborted();
      checkWithinFolder(path, name);
      try {
        return await openFileSource(join(folder, path));
      } catch (error) {
        if (isOzxError(error, "NotFound")) return undefined;
        throw error;
      }
    },
    async list({ depth = 1, signal } = {}) {
      const paths: string[] = [];
      await listFiles(folder, "", { depth, signal }, paths).catch((error: unknown) => {
        signal?.throwIfAborted();
        throw isOzxError(error) ? error : readFailure(error, name);
      });
      return paths.sort();
    },
  };
}

/** Adds the paths of files, with `prefix` before each. A link to a folder is not followed. */
async function listFiles(
  folder: string,
  prefix: string,
  { depth, signal }: { readonly depth: number; readonly signal: AbortSignal | undefined },
  paths: string[],
): Promise<void> {
  for await (const entry of await opendir(folder)) {
    signal?.throwIfAborted();
    const path = prefix + entry.name;
    if (entry.isFile() || entry.isSymbolicLink()) paths.push(path);
    else if (entry.isDirectory() && depth > 1) {
      await listFiles(join(folder, entry.name), `${path}/`, { depth: depth - 1, signal }, paths);
    }
    if (paths.length > MOST_FILES) {
      throw new UnreadableError(`${folder} has more than ${MOST_FILES} files`, { location: folder });
    }
  }
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
