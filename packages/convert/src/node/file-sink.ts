import { fstat, fsync, ftruncate, open, type Stats } from "node:fs";
import { rename, rm, stat } from "node:fs/promises";
import { promisify } from "node:util";
import { DestinationExistsError } from "@ozx/core";
import type { ByteSink } from "@ozx/core/container";
import { errorCode, type HeldFile, holdFile, writeAll, writeFailure } from "@ozx/core/internal/node";
import { holdPartial, partialPath, releasePartial } from "./partial-files.js";
import { partialJournal } from "./partial-journal.js";
import type { DestinationOptions } from "./staging.js";
import {
  refuseExisting,
  refuseTaken,
  refuseUnverified,
  refuseWithoutSpace,
  syncParent,
  VerifyFailedError,
} from "./staging.js";

const openFile = promisify(open);
const syncFile = promisify(fsync);
const statFile: (file: number) => Promise<Stats> = promisify(fstat);
const truncateFile = promisify(ftruncate);

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
  { overwrite = false, resume = false, check }: DestinationOptions = {},
): Promise<ByteSink> {
  if (!overwrite) await refuseExisting(path);
  await refuseFolder(path);
  const wrap = (error: unknown): never => {
    throw writeFailure(error, path);
  };
  let partial = partialPath(path);
  holdPartial(partial);
  const openPartial = async (): Promise<HeldFile> => holdFile(await openFile(partial, "wx"), path);
  let file = await openPartial().catch((error: unknown) => {
    releasePartial(partial);
    return wrap(error);
  });
  const journal = partialJournal(
    path,
    {
      path: () => partial,
      sync: () => file.use(syncFile),
      async adopt(left, name) {
        const adopted = await openAndMove(left, name);
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
  let isRefuted = false;
  const closeAll = async (): Promise<void> => {
    await file.close();
    await journal.close();
  };
  return {
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
      // What an earlier process wrote has its room already.
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
        const begun = await file.use(statFile);
        await closeAll();
        await refuseUnverified(path, partial, check);
        await refuseTaken(path, partial, begun);
        if (!overwrite) await refuseExisting(path);
        await rename(partial, path);
      } catch (error) {
        isRefuted = error instanceof VerifyFailedError;
        wrap(error);
      }
      await syncParent(path);
      await journal.remove();
      releasePartial(partial);
    },
    async discard() {
      await closeAll().catch(() => {});
      if (isRefuted || !journal.keeps()) {
        await rm(partial, { force: true }).catch(() => {});
        await journal.remove();
      }
      releasePartial(partial);
    },
  };
}

/** Opens a file and gives it another name, unless it is gone. */
async function openAndMove(left: string, name: string): Promise<HeldFile | undefined> {
  let file: HeldFile | undefined;
  try {
    file = holdFile(await openFile(left, "r+"), name);
    holdPartial(name);
    await rename(left, name);
    return file;
  } catch (error) {
    await file?.close();
    releasePartial(name);
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
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
