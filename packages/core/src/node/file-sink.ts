import { close, closeSync, fsync, ftruncate, open, openSync, read } from "node:fs";
import { rename, rm, stat } from "node:fs/promises";
import { promisify } from "node:util";
import type { ByteSink, SharedSink } from "../bytes/byte-sink.js";
import { DestinationExistsError } from "../errors.js";
import { partialPath, refuseExisting, syncParent } from "./beside.js";
import { writeFailure } from "./failures.js";
import { refuseWithoutRoom } from "./free-space.js";
import { partialJournal } from "./partial-journal.js";
import { writeAll, writeAllSync } from "./write-all.js";

const openFile = promisify(open);
const syncFile = promisify(fsync);
const closeFile = promisify(close);
const readFile = promisify(read);
const truncateFile = promisify(ftruncate);

export interface DestinationOptions {
  /** Replace what is at the destination; it is refused otherwise. */
  readonly overwrite?: boolean | undefined;
  /**
   * Go on with what a process that was cut short left beside the destination, and leave what is written when
   * this one is.
   */
  readonly resume?: boolean | undefined;
}

/**
 * A sink that becomes the file `path` on `commit`. The bytes go to a file beside it, which is synced and
 * renamed; until then, and for good after `discard`, the destination is as it was. `discard` removes that file,
 * unless `resume` is set and there is something in it to go on with.
 *
 * @throws DestinationExistsError when something is there and `overwrite` is not set
 * @throws WriteFailedError when nothing can be written there
 */
export async function createFileSink(
  path: string,
  { overwrite = false, resume = false }: DestinationOptions = {},
): Promise<ByteSink> {
  if (!overwrite) await refuseExisting(path);
  await refuseFolder(path);
  const wrap = (error: unknown): never => {
    throw writeFailure(error, path);
  };
  let partial = partialPath(path);
  let file = await openFile(partial, "wx").catch(wrap);
  const journal = partialJournal(
    path,
    {
      path: () => partial,
      sync: () => syncFile(file),
      async adopt(left) {
        const adopted = await openFile(left, "r+");
        await closeFile(file);
        await rm(partial, { force: true });
        [partial, file] = [left, adopted];
      },
    },
    resume,
  );
  let closed = false;
  const closeAll = async (): Promise<void> => {
    if (closed) return;
    closed = true;
    await closeFile(file);
    await journal.close();
  };
  return {
    name: path,
    forwardOnly: false,
    journal: {
      ...journal,
      async read(position, length, options) {
        options?.signal?.throwIfAborted();
        const bytes = new Uint8Array(length);
        const { bytesRead } = await readFile(file, bytes, 0, length, position).catch(wrap);
        return bytes.subarray(0, bytesRead);
      },
      async cut(size) {
        if ((await stat(partial).catch(wrap)).size > size) await truncateFile(file, size).catch(wrap);
      },
    },
    async reserve(size) {
      // What an earlier process wrote has its room already.
      const { blocks } = await stat(partial).catch(wrap);
      await refuseWithoutRoom(path, { bytes: Math.max(0, size - blocks * 512) });
    },
    async write(position, bytes, options) {
      options?.signal?.throwIfAborted();
      try {
        await writeAll(file, bytes, position);
      } catch (error) {
        wrap(error);
      }
    },
    share: () => ({ name: path, path: partial }),
    async commit() {
      try {
        await syncFile(file);
        await closeAll();
        if (!overwrite) await refuseExisting(path);
        await rename(partial, path);
      } catch (error) {
        wrap(error);
      }
      await journal.remove();
      await syncParent(path);
    },
    async discard() {
      await closeAll().catch(() => {});
      if (journal.keeps()) return;
      await rm(partial, { force: true }).catch(() => {});
      await journal.remove();
    },
  };
}

/**
 * Opens what {@link createFileSink} has begun, in another thread. Its writes block, as writing is all that such
 * a thread is for; `commit` and `discard` only close it, since it is for the sink itself to say what becomes of
 * the file.
 *
 * @throws WriteFailedError when it cannot be written
 */
export function openSharedSink({ name, path }: SharedSink): ByteSink {
  const file = writing(name, () => openSync(path, "r+"));
  return {
    name,
    forwardOnly: false,
    async write(position, bytes, options) {
      options?.signal?.throwIfAborted();
      writing(name, () => writeAllSync(file, bytes, position));
    },
    commit: async () => closeSync(file),
    discard: async () => closeSync(file),
  };
}

function writing<T>(name: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw writeFailure(error, name);
  }
}

/** Throws where a folder is at `path`. */
export async function refuseFolder(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isDirectory()) return;
  throw new DestinationExistsError(`${path} is a folder, which a file cannot replace: choose another name`, {
    location: path,
    replaceable: false,
  });
}
