import type { StoreFormat } from "../store/format.js";
import { checkKeysDistinct, checkKeysSafe } from "../store/safe-keys.js";
import type { StoreTarget } from "../store/target.js";
import { writeMade } from "../store/write-made.js";
import { writeFailure } from "./failures.js";
import type { DestinationOptions } from "./file-sink.js";
import { folderWriter } from "./folder-writer.js";
import { refuseWithoutRoom } from "./free-space.js";
import { createFolderBeside } from "./new-folder.js";
import { writeFilesInParallel } from "./write-files-in-parallel.js";

export interface DirectoryTargetOptions extends DestinationOptions {
  /** Those that may have opened what is written there: threads open it again with them, to write together. */
  readonly formats?: readonly StoreFormat[] | undefined;
}

/**
 * A target that becomes the folder `path`, one file an entry. The files go to a folder beside it, which is
 * synced and renamed; when anything fails the destination is as it was. Where there are many, threads write them.
 *
 * With `overwrite`, a folder is only replaced when it is empty or holds a Zarr hierarchy.
 */
export function directoryTarget(path: string, options: DirectoryTargetOptions = {}): StoreTarget {
  return {
    name: path,
    async write(job, writing) {
      const keys = job.entries.map(({ key }) => key);
      checkKeysSafe(keys, job.source.name);
      checkKeysDistinct(keys, job.source.name);
      const bytes = job.entries.reduce((sum, { size }) => sum + size, 0);
      await refuseWithoutRoom(path, { bytes, files: keys.length });
      const folder = await createFolderBeside(path, options);
      const writer = folderWriter(path, folder, keys);
      try {
        await writeFilesInParallel(job, folder.path, options.formats ?? [], writing);
        await writeMade(job, writer, writing);
        await writer.commit(writing);
      } catch (error) {
        await writer.discard();
        throw writeFailure(error, path);
      }
    },
    async begin() {
      const folder = await createFolderBeside(path, options);
      return folderWriter(path, folder);
    },
  };
}
