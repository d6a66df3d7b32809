import { fstat, fsync, ftruncate, open, type Stats } from "node:fs";
import { rename, rm, stat } from "node:fs/promises";
import { promisify } from "node:util";
import { DestinationExistsError } from "@ozx/core";
import type { ByteSink } from "@ozx/core/container";
import { errorCode, type HeldFile, holdFile, writeAll, writeFailure } from "@ozx/core/internal/node";
import { lockPath } from "./lock-path.js";
import { holdPartial, leavePartial, partialPath, releasePartial } from "./partial-files.js";
import { partialJournal } from "./partial-journal.js";
import {
  type DestinationOptions,
  refuseExisting,
  refuseTaken,
  refuseWithoutSpace,
  type StagedOutput,
  syncParent,
} from "./staging.js";

const openFile = promisify(open);
const syncFile = promisify(fsync);
const statFile: (file: number) => Promise<Stats> = promisify(fstat);
const truncateFile = promisify(ftruncate);

/**
 * A sink that becomes the file `path` on `commit`. The bytes go to a file beside it, which is synced and renamed; until
 * then, and after `discard`, the destination is unchanged. `discard` removes that file, or with `resume` keeps what
 * can be resumed.
 *
 * Until then the path is locked: other writers are refused.
 *
 * @throws DestinationExistsError when something is there and `overwrite` is not set
 * @throws WriteFailedError when nothing can be written there, or another writer is at work
 */
export async function createFileSink(path: string, options: DestinationOptions = {}): Promise<ByteSink> {
  const { sink, publish } = await stageFile(path, options);
  return {
    ...sink,
    async commit() {
      await sink.commit();
      await publish();
    },
  };
}

/** A file that is written beside its destination, and published in a second step. */
export interface StagedFile extends Omit<StagedOutput, "target"> {
  /** Its `commit` makes the file complete and durable without publishing it. */
  readonly sink: ByteSink;
}

/** As {@link createFileSink}, for a file that is published in a second step. */
export async function stageFile(
  path: string,
  { overwrite = false, resume = false }: DestinationOptions,
): Promise<StagedFile> {
  const refuse = async (): Promise<void> => {
    if (!overwrite) await refuseExisting(path);
    await refuseFolder(path);
  };
  await refuse();
  const unlock = await lockPath(path, { creates: true });
  const wrap = (error: unknown): never => {
    throw writeFailure(error, path);
  };
  let partial = partialPath(path);
  holdPartial(partial, { stays: resume });
  const openPartial = async (): Promise<HeldFile> => holdFile(await openFile(partial, "wx"), path);
  // Again, because another writer may just have finished.
  let file = await refuse()
    .then(openPartial)
    .catch(async (error: unknown) => {
      releasePartial(partial);
      await unlock();
      return wrap(error);
    });
  const journal = partialJournal(
    path,
    {
      path: () => partial,
      sync: () => file.use(syncFile),
      async adopt(leftover, name) {
        const adopted = await openAndMove(leftover, name);
        if (adopted === undefined) return false;
        const own = { partial, file };
        [partial, file] = [name, adopted];
        await own.file.close().catch(() => {});
        await rm(own.partial, { force: true }).catch(() => {});
        releasePartial(own.partial);
        return true;
      },
    },
    resume,
  );
  let complete: Stats | undefined;
  const end = async (keeps: boolean): Promise<void> => {
    await file.close().catch(() => {});
    await journal.close().catch(() => {});
    if (keeps) leavePartial(partial);
    else {
      await rm(partial, { force: true }).catch(() => {});
      await journal.remove();
      releasePartial(partial);
    }
    await unlock();
  };
  const close = (): Promise<void> => end(journal.keeps());
  return {
    get path() {
      return partial;
    },
    async publish() {
      try {
        if (complete === undefined) throw new TypeError(`${path} is published before it is complete`);
        await refuseTaken(path, partial, complete);
        if (!overwrite) await refuseExisting(path);
        await rename(partial, path);
      } catch (error) {
        wrap(error);
      }
      await syncParent(path);
      await journal.finish();
      releasePartial(partial);
      await unlock();
    },
    discard: () => end(false),
    close,
    sink: {
      name: path,
      forwardOnly: false,
      journal: {
        ...journal,
        async truncate(size) {
          if ((await stat(partial).catch(wrap)).size <= size) return;
          await file.use((open) => truncateFile(open, size)).catch(wrap);
        },
      },
      async reserve(size) {
        // The blocks that an earlier process wrote are allocated already.
        const { blocks } = await stat(partial).catch(wrap);
        await refuseWithoutSpace(path, { bytes: Math.max(0, size - blocks * 512) });
      },
      async write(position, bytes, options) {
        options?.signal?.throwIfAborted();
        await file.use((open) => writeAll(open, bytes, position)).catch(wrap);
      },
      share: () => ({ name: path, path: partial }),
      async commit() {
        try {
          await file.use(syncFile);
          complete = await file.use(statFile);
          await file.close();
          await journal.close();
        } catch (error) {
          wrap(error);
        }
      },
      discard: close,
    },
  };
}

/** Opens a file and renames it. Undefined where it is gone. */
async function openAndMove(from: string, to: string): Promise<HeldFile | undefined> {
  let file: HeldFile | undefined;
  try {
    file = holdFile(await openFile(from, "r+"), to);
    holdPartial(to, { stays: true });
    await rename(from, to);
    return file;
  } catch (error) {
    await file?.close();
    releasePartial(to);
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** @throws DestinationExistsError when a folder is at `path` */
export async function refuseFolder(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isDirectory()) return;
  throw new DestinationExistsError(`${path} is a folder, which a file cannot replace: choose another name`, {
    location: path,
    replaceable: false,
  });
}
