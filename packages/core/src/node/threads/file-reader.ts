import { closeSync, constants, fstatSync, open, openSync, read, readSync } from "node:fs";
import { promisify } from "node:util";
import { crc32 } from "node:zlib";
import type { FilePart, FileState } from "../../bytes/file-part.js";
import type { AsyncPartReader, PartReader } from "../../workers/file-chunks.js";
import { LARGEST_CALL, stateOf } from "../system/open-file.js";
import { isMissing } from "../system/system-errors.js";

/** Larger parts get memory of their own, which is not kept for the next one. */
const LARGEST_KEPT = 32 * 1024 * 1024;
/** Several of these readers work at once. */
const LARGEST_KEPT_ASYNC = 8 * 1024 * 1024;
/** The memory is allocated in multiples of this, so that it seldom has to grow. */
const STEP = 256 * 1024;

// Without O_NONBLOCK, opening a named pipe waits for its writer.
const FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

const openFile = promisify(open);
const readFile = promisify(read);

interface OpenFile extends Pick<FilePart, "path" | "opened"> {
  readonly file: number;
  readonly size: number;
}

/** A reader that keeps the file open that it has read last, until it is closed. */
export function createPartReader(): PartReader {
  const { memory, close, openedAs, keep } = createState(LARGEST_KEPT);
  return {
    read(part, atMost) {
      try {
        const opened = openedAs(part) ?? keep(part, openSync(part.path, FLAGS));
        const length = opened && lengthOf(part, opened, atMost);
        if (opened === undefined || length === undefined) return undefined;
        const bytes = memory(length);
        for (let done = 0; done < length; ) {
          const most = Math.min(length - done, LARGEST_CALL);
          const read = readSync(opened.file, bytes, done, most, part.offset + done);
          if (read === 0) return undefined;
          done += read;
        }
        return isIntact(bytes, part) ? bytes : undefined;
      } catch (error) {
        return isMissingKey(part, error) ? "missing" : undefined;
      }
    },
    close,
  };
}

/** A reader whose calls do not block. */
export function createAsyncPartReader(): AsyncPartReader {
  const { memory, close, openedAs, keep } = createState(LARGEST_KEPT_ASYNC);
  return {
    async read(part, atMost) {
      try {
        const opened = openedAs(part) ?? keep(part, await openFile(part.path, FLAGS));
        const length = opened && lengthOf(part, opened, atMost);
        if (opened === undefined || length === undefined) return undefined;
        const bytes = memory(length);
        for (let done = 0; done < length; ) {
          const most = Math.min(length - done, LARGEST_CALL);
          const { bytesRead } = await readFile(opened.file, bytes, done, most, part.offset + done);
          if (bytesRead === 0) return undefined;
          done += bytesRead;
        }
        return isIntact(bytes, part) ? bytes : undefined;
      } catch (error) {
        return isMissingKey(part, error) ? "missing" : undefined;
      }
    },
    close,
  };
}

/** The open file and the memory of a reader. */
function createState(largestKept: number) {
  let kept = new Uint8Array(0);
  let current: OpenFile | undefined;
  const close = (): void => {
    if (current === undefined) return;
    const { file } = current;
    current = undefined;
    closeSync(file);
  };
  return {
    close,
    memory(length: number): Uint8Array {
      if (length > largestKept) return new Uint8Array(length);
      if (kept.length < length) kept = new Uint8Array(Math.ceil(length / STEP) * STEP);
      return kept.subarray(0, length);
    },
    openedAs({ path, opened }: FilePart): OpenFile | undefined {
      return current?.path === path && current.opened === opened ? current : undefined;
    },
    /** Keeps a file that was opened for a part, unless it is another one than the store has open: that is closed. */
    keep({ path, opened }: FilePart, file: number): OpenFile | undefined {
      close();
      current = { path, opened, file, size: 0 };
      // Of an open file, this takes no time.
      const stats = fstatSync(file);
      if (stats.isFile() && (opened === undefined || isSame(stateOf(stats), opened))) {
        current = { ...current, size: stats.size };
        return current;
      }
      close();
      return undefined;
    },
  };
}

/** How many bytes a part has; undefined where they are none, too many, or not all within the file. */
function lengthOf(
  { offset, length: known }: FilePart,
  { size }: OpenFile,
  atMost: number,
): number | undefined {
  const length = known ?? size - offset;
  // An empty value is left to its store too: it is damaged.
  return offset >= 0 && length > 0 && length <= atMost && offset + length <= size ? length : undefined;
}

function isIntact(bytes: Uint8Array, part: FilePart): boolean {
  return part.crc32 === undefined || crc32(bytes) === part.crc32;
}

/** Whether a file is missing, which in a folder is a missing key. */
function isMissingKey({ opened, length }: FilePart, error: unknown): boolean {
  return opened === undefined && length === undefined && isMissing(error);
}

function isSame(one: FileState, other: FileState): boolean {
  const { device, inode, size, modified } = other;
  return one.device === device && one.inode === inode && one.size === size && one.modified === modified;
}
