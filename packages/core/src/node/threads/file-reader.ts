import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { crc32 } from "node:zlib";
import type { FilePart, FileState } from "../../bytes/file-part.js";
import type { PartReader } from "../../workers/file-chunks.js";
import { LARGEST_CALL, stateOf } from "../system/open-file.js";
import { isMissing } from "../system/system-errors.js";

/** More memory is not kept for the next part. */
const LARGEST_KEPT = 32 * 1024 * 1024;
/** The memory is allocated in multiples of this, so that it seldom has to grow. */
const STEP = 256 * 1024;

interface OpenFile extends Pick<FilePart, "path" | "opened"> {
  readonly file: number;
  readonly size: number;
}

/** A reader that keeps the file open that it has read last, until it is closed. */
export function createPartReader(): PartReader {
  let kept = new Uint8Array(0);
  let current: OpenFile | undefined;

  const close = (): void => {
    if (current === undefined) return;
    const { file } = current;
    current = undefined;
    closeSync(file);
  };
  const open = ({ path, opened }: FilePart): OpenFile | undefined => {
    if (current?.path === path && current.opened === opened) return current;
    close();
    // Without O_NONBLOCK, opening a named pipe waits for its writer.
    const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const stats = fstatSync(file);
      if (stats.isFile() && (opened === undefined || isSame(stateOf(stats), opened))) {
        current = { path, opened, file, size: stats.size };
        return current;
      }
    } catch {
      // It is closed below.
    }
    closeSync(file);
    return undefined;
  };
  const memory = (length: number): Uint8Array => {
    if (length > LARGEST_KEPT) return new Uint8Array(length);
    if (kept.length < length) kept = new Uint8Array(Math.ceil(length / STEP) * STEP);
    return kept.subarray(0, length);
  };
  return {
    read(part, atMost) {
      try {
        const { offset, crc32: expected } = part;
        const opened = open(part);
        if (opened === undefined) return undefined;
        const length = part.length ?? opened.size - offset;
        // An empty value is left to its store too: it is damaged.
        const isWithin = offset >= 0 && length > 0 && length <= atMost && offset + length <= opened.size;
        if (!isWithin) return undefined;
        const bytes = memory(length);
        if (!fill(opened.file, bytes, offset)) return undefined;
        return expected === undefined || crc32(bytes) === expected ? bytes : undefined;
      } catch (error) {
        const isKey = part.opened === undefined && part.length === undefined;
        return isKey && isMissing(error) ? "missing" : undefined;
      }
    },
    close,
  };
}

function isSame(one: FileState, other: FileState): boolean {
  const { device, inode, size, modified } = other;
  return one.device === device && one.inode === inode && one.size === size && one.modified === modified;
}

/** Whether so many bytes could be read. */
function fill(file: number, target: Uint8Array, offset: number): boolean {
  for (let done = 0; done < target.length; ) {
    const length = Math.min(target.length - done, LARGEST_CALL);
    const read = readSync(file, target, done, length, offset + done);
    if (read === 0) return false;
    done += read;
  }
  return true;
}
