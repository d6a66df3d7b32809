import { closeSync, openSync, readSync } from "node:fs";
import type { ByteSink, SharedSink } from "../../bytes/source-and-sink.js";
import type { BlockingReader } from "../../store/store.js";
import { closedError, LARGEST_CALL, writeAllSync } from "../system/open-file.js";
import { isMissing, readFailure, writeFailure } from "../system/system-errors.js";

/** Reads the start of a file, until `target` is full or the file ends, and says how many bytes there were. */
export function fillSync(path: string, target: Uint8Array): number {
  const file = openSync(path, "r");
  try {
    return readFully(file, target);
  } finally {
    closeSync(file);
  }
}

/** Reads a file from its start on; undefined where there is none. */
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

function reading<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw readFailure(error, path);
  }
}

/** Reads on from where the file is until `target` is full or the file ends. */
function readFully(file: number, target: Uint8Array): number {
  let done = 0;
  while (done < target.length) {
    const bytesRead = readSync(file, target, done, Math.min(target.length - done, LARGEST_CALL), null);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return done;
}

/**
 * Opens what a sink for a file has begun and shares, in another thread. Its writes block, as writing is all that such
 * a thread is for; `commit` and `discard` only close it, since it is for the sink itself to say what becomes of
 * the file.
 *
 * @throws WriteFailedError when it cannot be written
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
