import { mkdir, readdir, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import { DestinationExistsError, type ReadOptions } from "@ozx/core";
import { NODE_DOCUMENTS } from "@ozx/core/internal";
import { errorCode, systemMessage, writeFailure } from "@ozx/core/internal/node";
import { lockPath } from "./lock-path.js";
import { holdPartial, leavePartial, partialPath, releasePartial, replacedPath } from "./partial-files.js";
import { removeFolder, removeInTime } from "./remove-folder.js";
import { type DestinationOptions, refuseExisting, refuseTaken, syncParent } from "./staging.js";

/** A folder that is filled beside its destination. Call either `publish` or `remove`, once. */
export interface StagedFolder {
  /** Where the folder is until it is published. */
  readonly path: string;
  /** Moves the folder to its destination. A folder that it replaces is removed afterwards, until the signal is aborted. */
  publish(options?: ReadOptions): Promise<void>;
  /** With an aborted signal, leaves what cannot be removed at once. Never throws. */
  remove(options?: ReadOptions): Promise<void>;
}

/** A staged folder that other runs can resume, or that resumes another run. */
export interface AdoptableFolder extends StagedFolder {
  /**
   * Replaces this folder with the leftover of another process, which is renamed to `name`. False where a third process
   * took it first.
   */
  adopt(leftover: string, name: string): Promise<boolean>;
  /** @throws WriteFailedError when another run has taken this folder over */
  refuseTaken(): Promise<void>;
  /** Leaves the folder for a later run, instead of `publish` or `remove`. */
  leave(): Promise<void>;
  /** As `publish`, but the path stays locked until the function that is returned is called. */
  publishAndHold(): Promise<() => Promise<void>>;
}

/**
 * Creates an empty folder beside `path`, which is locked until it is published, removed or left.
 *
 * @throws DestinationExistsError when something is at `path`, and with `overwrite` when that is neither an empty
 * folder nor a Zarr hierarchy
 * @throws WriteFailedError when nothing can be written there, or another writer is at work
 */
export async function stageFolder(
  path: string,
  {
    overwrite = false,
    resume = false,
    onReplacedLeftover = warnAboutLeftover,
    onPartialLeftover = warnAboutPartial,
  }: DestinationOptions,
): Promise<AdoptableFolder> {
  const refuse = (): Promise<void> => (overwrite ? refusePrecious(path) : refuseExisting(path));
  await refuse();
  const unlock = await lockPath(path, { creates: true });
  let partial = partialPath(path);
  holdPartial(partial, { stays: resume });
  // Again, because another writer may just have finished.
  let begun = await refuse()
    .then(() => mkdir(partial))
    .then(() => stat(partial))
    .catch(async (error: unknown) => {
      releasePartial(partial);
      await unlock();
      throw writeFailure(error, path);
    });
  /** Moves the folder to its path, which stays locked; returns where what was there before is. */
  const move = async (): Promise<string | undefined> => {
    let replaced: string | undefined;
    try {
      await refuseTaken(path, partial, begun);
      if (overwrite) replaced = await publishInstead(partial, path);
      else await publishNew(partial, path);
    } catch (error) {
      throw writeFailure(error, path);
    }
    // Before the old folder is removed: after a power cut one of the two must exist.
    await syncParent(path);
    releasePartial(partial);
    return replaced;
  };
  const removeReplaced = async (replaced: string | undefined, signal?: AbortSignal): Promise<void> => {
    if (replaced === undefined) return;
    try {
      if (!(await removeFolder(replaced, { signal }))) onReplacedLeftover(replaced, signal?.reason);
    } catch (error) {
      // The new folder is complete and published all the same.
      onReplacedLeftover(replaced, error);
    }
  };
  return {
    get path() {
      return partial;
    },
    async adopt(leftover, name) {
      holdPartial(name, { stays: true });
      try {
        await rename(leftover, name);
      } catch (error) {
        releasePartial(name);
        if (errorCode(error) === "ENOENT") return false;
        throw error;
      }
      const own = partial;
      partial = name;
      begun = await stat(partial);
      await removeFolder(own).catch(() => {});
      releasePartial(own);
      return true;
    },
    refuseTaken: () => refuseTaken(path, partial, begun),
    async leave() {
      leavePartial(partial);
      await unlock();
    },
    async publish({ signal } = {}) {
      const replaced = await move();
      await unlock();
      await removeReplaced(replaced, signal);
    },
    async publishAndHold() {
      await removeReplaced(await move());
      return unlock;
    },
    async remove({ signal } = {}) {
      const remove = signal?.aborted ? removeInTime : removeFolder;
      const isRemoved = await remove(partial).catch(() => true);
      releasePartial(partial);
      await unlock();
      if (!isRemoved) onPartialLeftover(partial);
    },
  };
}

async function publishNew(partial: string, path: string): Promise<void> {
  await refuseExisting(path);
  await rename(partial, path);
}

/** Renames `partial` to `path`, and returns the new path of what was there before; undefined for nothing. */
async function publishInstead(partial: string, path: string): Promise<string | undefined> {
  const aside = replacedPath(path);
  const wasThere = await rename(path, aside).then(
    () => true,
    (error: unknown) => {
      if (errorCode(error) === "ENOENT") return false;
      throw error;
    },
  );
  try {
    await rename(partial, path);
  } catch (error) {
    if (wasThere) await rename(aside, path);
    throw error;
  }
  return wasThere ? aside : undefined;
}

function warnAboutLeftover(path: string, cause: unknown): void {
  process.emitWarning(`${path}, which was replaced, cannot be removed: ${systemMessage(cause)}`);
}

function warnAboutPartial(path: string): void {
  process.emitWarning(`${path}, which is not complete, has too many files to be removed at once: remove it`);
}

/**
 * Refuses to replace what is probably not meant: a file, or a folder that is neither empty nor a Zarr hierarchy.
 *
 * @param name the path in messages
 * @throws DestinationExistsError
 */
export async function refusePrecious(path: string, name = path): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return;
  if (!found.isDirectory()) {
    throw new DestinationExistsError(
      `${name} is a file, which a folder cannot replace: choose another name`,
      { location: path, replaceable: false },
    );
  }
  const names = await readdir(path);
  if (names.length === 0 || names.some((name) => NODE_DOCUMENTS.includes(name))) return;
  throw new DestinationExistsError(
    `${name} is a folder with other things in it: name the image too, as in ${join(name, "image.zarr")}`,
    { location: path, replaceable: false },
  );
}
