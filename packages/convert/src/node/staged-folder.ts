import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { DestinationExistsError } from "@ozx/core";
import { NODE_DOCUMENTS } from "@ozx/core/internal";
import { errorCode, systemMessage, writeFailure } from "@ozx/core/internal/node";
import { holdPartial, partialPath, releasePartial, replacedPath } from "./partial-files.js";
import type { DestinationOptions } from "./staging.js";
import { refuseExisting, refuseTaken, refuseUnverified, syncParent } from "./staging.js";

/** A folder that is being filled beside the place that it is for. Takes either `moveIn` or `remove`, once. */
export interface StagedFolder {
  /** Where it is now. */
  readonly path: string;
  /** Puts it in its place. What was there is only removed once it is. */
  publish(): Promise<void>;
  /** Never throws. */
  remove(): Promise<void>;
}

export interface AdoptableFolder extends StagedFolder {
  /** Takes what another process has left in its stead, under another name. False where a third one was faster. */
  adopt(left: string, name: string): Promise<boolean>;
  /** @throws WriteFailedError when another run has taken it over */
  refuseTaken(): Promise<void>;
  /** Instead of the others: lets another process go on with it. */
  leave(): void;
}

/**
 * Makes an empty folder beside `path`.
 *
 * @throws DestinationExistsError when something is at `path`, and with `overwrite` when that is neither an empty
 * folder nor a Zarr hierarchy
 * @throws WriteFailedError when nothing can be written there
 */
export async function stageFolder(
  path: string,
  { overwrite = false, onReplacedLeftover: onReplacedLeft = warnOfLeftover, check }: DestinationOptions,
): Promise<AdoptableFolder> {
  await (overwrite ? refusePrecious(path) : refuseExisting(path));
  let partial = partialPath(path);
  holdPartial(partial);
  let begun = await mkdir(partial)
    .then(() => stat(partial))
    .catch((error: unknown) => {
      releasePartial(partial);
      throw writeFailure(error, path);
    });
  return {
    get path() {
      return partial;
    },
    async adopt(left, name) {
      holdPartial(name);
      try {
        await rename(left, name);
      } catch (error) {
        releasePartial(name);
        if (errorCode(error) === "ENOENT") return false;
        throw error;
      }
      const own = partial;
      partial = name;
      begun = await stat(partial);
      await rm(own, { recursive: true, force: true }).catch(() => {});
      releasePartial(own);
      return true;
    },
    refuseTaken: () => refuseTaken(path, partial, begun),
    leave: () => releasePartial(partial),
    async publish() {
      let replaced: string | undefined;
      try {
        await refuseUnverified(path, partial, check);
        await refuseTaken(path, partial, begun);
        if (overwrite) replaced = await publishInstead(partial, path);
        else await publishNew(partial, path);
      } catch (error) {
        throw writeFailure(error, path);
      }
      // Before anything of the old one goes: after a power cut one of them must be there.
      await syncParent(path);
      releasePartial(partial);
      try {
        if (replaced !== undefined) await rm(replaced, { recursive: true, force: true });
      } catch (error) {
        // The new one is complete and in its place all the same.
        onReplacedLeft(replaced ?? path, error);
      }
    },
    async remove() {
      await rm(partial, { recursive: true, force: true }).catch(() => {});
      releasePartial(partial);
    },
  };
}

async function publishNew(partial: string, path: string): Promise<void> {
  await refuseExisting(path);
  await rename(partial, path);
}

/** Puts `partial` in the place of `path`, and says where what was there is now. */
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

function warnOfLeftover(place: string, cause: unknown): void {
  process.emitWarning(`${place}, which was replaced, cannot be removed: ${systemMessage(cause)}`);
}

/**
 * Throws where "replace it" cannot be meant: a folder that is neither empty nor a Zarr hierarchy, or a file.
 *
 * @param name how it was given, if otherwise
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
