import { closeSync, fstatSync, openSync, readSync } from "node:fs";

import { type ByteSink, newBuffer, type SharedSink } from "../../bytes/source-and-sink.js";
import type { BlockingReader, RangeQuery } from "../../store/store.js";
import { resolveRange } from "../../store/store-keys.js";
import { closedError, LARGEST_CALL, writeAllSync } from "../system/open-file.js";
import { isMissing, readFailure, reading, writeFailure } from "../system/system-errors.js";

/** Reads the start of a file, until `target` is full or the file ends, and returns how many bytes were read. */
export function fillSync(path: string, target: Uint8Array): number {
  const file = openSync(path, "r");
  try {
    return readFully(file, target);
  } finally {
    closeSync(file);
  }
}

/** Reads part of a file; less where the file ends earlier. */
export function readPartSync(path: string, range: RangeQuery): Uint8Array {
  const file = openSync(path, "r");
  try {
    const { offset, length } = resolveRange(range, fstatSync(file).size);
    const target = newBuffer(length, path);
    return target.subarray(0, readFully(file, target, offset));
  } finally {
    closeSync(file);
  }
}

/** Opens a file for reading it from its start; undefined where there is none. */
export function openReader(path: string): BlockingReader | undefined {
  try {
    const file = openSync(path, "r");
    let closed = false;
    return {
      read(target) {
        if (closed) throw closedError(path);
        return reading(path, () => readFully(file, target));
      },
      close() {
        if (closed) return;
        closed = true;
        closeSync(file);
      },
    };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw readFailure(error, path);
  }
}

/**
 * Reads until `target` is full or the file ends.
 *
 * @param offset where in the file; its current position by default
 */
function readFully(file: number, target: Uint8Array, offset?: number): number {
  let done = 0;
  while (done < target.length) {
    const length = Math.min(target.length - done, LARGEST_CALL);
    const bytesRead = readSync(file, target, done, length, offset === undefined ? null : offset + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return done;
}

/**
 * Opens the staged file of a sink in another thread. Its writes block, since such a thread does nothing else. `commit`
 * and `discard` only close it: the original sink publishes or removes the file.
 *
 * @throws WriteFailedError when the file cannot be written
 */
export function openSharedSink({ name, path }: SharedSink): ByteSink {
  const file = writing(name, () => openSync(path, "r+"));
  let closed = false;
  const close = async (): Promise<void> => {
    if (closed) return;
    closed = true;
    closeSync(file);
  };
  return {
    name,
    forwardOnly: false,
    async write(position, bytes, options) {
      options?.signal?.throwIfAborted();
      if (closed) throw closedError(name);
      writing(name, () => writeAllSync(file, bytes, position));
    },
    commit: close,
    discard: close,
  };
}

function writing<T>(name: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw writeFailure(error, name);
  }
}
