import { fstat, fsync, ftruncate, open, type Stats } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { resolve } from "node:path";
import { promisify } from "node:util";
import type { GrowingFile } from "@ozx/core/container";
import { holdFile, writeAll, writeFailure } from "@ozx/core/internal/node";
import { refuseFolder } from "./file-sink.js";
import { lockPath } from "./lock-path.js";
import { holdPartial, partialPath, releasePartial } from "./partial-files.js";
import { type DestinationOptions, refuseExisting, refuseReplaced, syncParent } from "./staging.js";

const openFile = promisify(open);
const syncFile = promisify(fsync);
const truncateFile = promisify(ftruncate);
const statFile: (file: number) => Promise<Stats> = promisify(fstat);

/**
 * Creates a file beside `path` that is moved there when its first state is complete, and grows there. The path is locked
 * until it is closed or discarded.
 *
 * @throws DestinationExistsError when something is there and `overwrite` is not set
 * @throws WriteFailedError when nothing can be written there, or another writer is at work
 */
export async function createGrowingFile(
  path: string,
  { overwrite = false }: Pick<DestinationOptions, "overwrite"> = {},
): Promise<GrowingFile> {
  const refuse = async (): Promise<void> => {
    if (!overwrite) await refuseExisting(path);
    await refuseFolder(path);
  };
  await refuse();
  const unlock = await lockPath(path, { creates: true });
  const fail = (error: unknown): never => {
    throw writeFailure(error, path);
  };
  const partial = partialPath(path);
  holdPartial(partial);
  const file = await refuse()
    .then(async () => holdFile(await openFile(partial, "wx"), path))
    .catch(async (error: unknown) => {
      releasePartial(partial);
      await unlock();
      return fail(error);
    });
  // The working folder may change while the file grows.
  const location = resolve(path);
  let published: Stats | undefined;
  return {
    name: path,
    write: (position, bytes) => file.use((opened) => writeAll(opened, bytes, position)).catch(fail),
    async sync() {
      if (published !== undefined) await refuseReplaced(location, published);
      await file.use(syncFile).catch(fail);
    },
    truncate: (size) => file.use((opened) => truncateFile(opened, size)).catch(fail),
    async publish() {
      if (!overwrite) await refuseExisting(path);
      await rename(partial, path).catch(fail);
      published = await file.use((opened) => statFile(opened));
      releasePartial(partial);
      await syncParent(path);
    },
    close: () => file.close().finally(unlock),
    async discard() {
      await file.close().catch(() => {});
      await rm(partial, { force: true }).catch(() => {});
      releasePartial(partial);
      await unlock();
    },
  };
}
