import type { StoreFormat } from "../../store/store-format.js";
import { checkKeysDistinct, checkKeysSafe } from "../../store/store-keys.js";
import type { EntryWriter, StoreTarget } from "../../store/target.js";
import { progressAfter, writeGenerated } from "../../store/target.js";
import type { DestinationOptions } from "../system/destination-options.js";
import { writeFailure } from "../system/failures.js";
import { refuseWithoutRoom } from "../system/free-space.js";
import { RefutedError } from "../system/refuted.js";
import { type FolderJournal, journaledFolder, openFolderJournal } from "./folder-journal.js";
import { folderWriter } from "./folder-writer.js";
import { createFolderBeside } from "./new-folder.js";
import { fileRuns, writeFilesInParallel } from "./write-files-in-parallel.js";

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
      const folder = await createFolderBeside(path, options);
      const beside = journaledFolder(path, folder);
      let account: FolderJournal | undefined;
      try {
        const runs = fileRuns(job.entries);
        if (options.resume) account = await openFolderJournal(job, runs, beside, writing);
        const left = (account?.left ?? runs).flatMap(({ from, to }) => job.entries.slice(from, to));
        // What an earlier run has made has its room already.
        const made = (account?.before.bytes ?? 0) > 0 ? 0 : (job.generated?.leastBytes ?? 0);
        const bytes = left.reduce((sum, { size }) => sum + size, made);
        await refuseWithoutRoom(path, { bytes, files: left.length });
        const onProgress = account ? progressAfter(account.before, writing) : writing?.onProgress;
        await writeFilesInParallel(job, folder.path, options.formats ?? [], {
          ...writing,
          onProgress,
          account,
        });
        const written = [...keys, ...(account?.madeKeys ?? [])];
        const writer = folderWriter(path, folder, written, account !== undefined);
        await writeGenerated(job, account ? noting(writer, account) : writer, writing, account?.made);
        await account?.settle();
        await writer.commit(writing);
      } catch (error) {
        // Of a folder that is gone everything else fails too.
        const cause = await folder.refuseTaken().then(
          () => error,
          (taken: unknown) => taken,
        );
        await account?.close();
        await beside.journal.close();
        if (beside.journal.keeps() && !(error instanceof RefutedError)) {
          folder.leave();
        } else {
          await folder.remove();
          await beside.journal.remove();
        }
        throw writeFailure(cause, path);
      }
      await beside.journal.close();
      await beside.journal.remove();
    },
    async begin() {
      const folder = await createFolderBeside(path, options);
      return folderWriter(path, folder);
    },
  };
}

/** A writer that tells a journal what is written. */
function noting(writer: EntryWriter, account: FolderJournal): Pick<EntryWriter, "add"> {
  return {
    async add({ key, bytes }, options) {
      let size = 0;
      const counted = async function* (blocks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
        for await (const block of blocks) {
          size += block.length;
          yield block;
        }
      };
      if (bytes instanceof Uint8Array) size = bytes.length;
      await writer.add({ key, bytes: bytes instanceof Uint8Array ? bytes : counted(bytes) }, options);
      account.madeWritten(key, size);
    },
  };
}
