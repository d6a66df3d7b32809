import { close, closeSync, fsync, open, openSync, write, writeSync } from "node:fs";
import { rename, rm, stat } from "node:fs/promises";
import { promisify } from "node:util";
import type { ByteSink, SharedSink } from "../bytes/byte-sink.js";
import { DestinationExistsError } from "../errors.js";
import { partialPath, refuseExisting, syncParent } from "./beside.js";
import { writeFailure } from "./failures.js";
import { refuseWithoutRoom } from "./free-space.js";

const openFile = promisify(open);
const writeFile = promisify(write);
const syncFile = promisify(fsync);
const closeFile = promisify(close);

export interface DestinationOptions {
  /** Replace what is at the destination; it is refused otherwise. */
  readonly overwrite?: boolean | undefined;
}

/**
 * A sink that becomes the file `path` on `commit`. The bytes go to a file beside it, which is synced and
 * renamed; until then, and for good after `discard`, the destination is as it was.
 *
 * @throws DestinationExistsError when something is there and `overwrite` is not set
 * @throws WriteFailedError when nothing can be written there
 */
export async function createFileSink(
  path: string,
  { overwrite = false }: DestinationOptions = {},
): Promise<ByteSink> {
  if (!overwrite) await refuseExisting(path);
  await refuseFolder(path);
  const partial = partialPath(path);
  const file = await openFile(partial, "wx").catch((error: unknown) => {
    throw writeFailure(error, path);
  });
  let closed = false;
  const closeOnce = async (): Promise<void> => {
    if (closed) return;
    closed = true;
    await closeFile(file);
  };
  return {
    name: path,
    forwardOnly: false,
    reserve: (size) => refuseWithoutRoom(path, { bytes: size }),
    async write(position, bytes, options) {
      options?.signal?.throwIfAborted();
      try {
        for (let done = 0; done < bytes.length; ) {
          const { bytesWritten } = await writeFile(file, bytes, done, bytes.length - done, position + done);
          done += bytesWritten;
        }
      } catch (error) {
        throw writeFailure(error, path);
      }
    },
    share: () => ({ name: path, path: partial }),
    async commit() {
      try {
        await syncFile(file);
        await closeOnce();
        if (!overwrite) await refuseExisting(path);
        await rename(partial, path);
      } catch (error) {
        throw writeFailure(error, path);
      }
      await syncParent(path);
    },
    async discard() {
      await closeOnce().catch(() => {});
      await rm(partial, { force: true }).catch(() => {});
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
      writing(name, () => {
        for (let done = 0; done < bytes.length; ) {
          done += writeSync(file, bytes, done, bytes.length - done, position + done);
        }
      });
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

async function refuseFolder(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isDirectory()) return;
  throw new DestinationExistsError(
    `${path} is a folder, which a file cannot replace: choose another name or remove it`,
    { location: path, replaceable: false },
  );
}
