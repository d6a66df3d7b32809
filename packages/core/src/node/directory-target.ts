import { canReadSync, readEntry, readEntrySync, streamEntry } from "../store/entry-bytes.js";
import { createPacer } from "../store/pacer.js";
import { readAhead } from "../store/read-ahead.js";
import { checkKeysDistinct, checkKeysSafe } from "../store/safe-keys.js";
import type { EntryInput, StoreTarget, WriteJob, WriteOptions } from "../store/target.js";
import { writeBehind } from "../store/write-behind.js";
import { writeMade } from "../store/write-made.js";
import { writeFailure } from "./failures.js";
import type { DestinationOptions } from "./file-sink.js";
import { folderWriter } from "./folder-writer.js";
import { refuseWithoutRoom } from "./free-space.js";
import { type NewFiles, newFilesIn } from "./new-files.js";
import { createFolderBeside } from "./new-folder.js";

/** Entries up to this size are read whole; larger ones go block by block. */
const WHOLE = 1024 * 1024;
/** Whole entries that are read at once where reads do not block. */
const READS_AT_ONCE = 16;

/**
 * A target that becomes the folder `path`, one file an entry. The files go to a folder beside it, which is
 * synced and renamed; when anything fails the destination is as it was.
 *
 * With `overwrite`, a folder is only replaced when it is empty or holds a Zarr hierarchy.
 */
export function directoryTarget(path: string, options: DestinationOptions = {}): StoreTarget {
  return {
    name: path,
    async write(job, writing) {
      const keys = job.entries.map(({ key }) => key);
      checkKeysSafe(keys, job.source.name);
      checkKeysDistinct(keys, job.source.name);
      const bytes = job.entries.reduce((sum, { size }) => sum + size, 0);
      await refuseWithoutRoom(path, { bytes, files: keys.length });
      const folder = await createFolderBeside(path, options);
      const files = newFilesIn(folder.path);
      const writer = folderWriter(path, folder, files, keys);
      try {
        await writeFiles(job, files, writing);
        await writeMade(job, writer, writing);
        await writer.commit(writing);
      } catch (error) {
        await writer.discard();
        throw writeFailure(error, path);
      }
    },
    async begin() {
      const folder = await createFolderBeside(path, options);
      return folderWriter(path, folder, newFilesIn(folder.path));
    },
  };
}

async function writeFiles(job: WriteJob, files: NewFiles, options: WriteOptions = {}): Promise<void> {
  const done = { entries: 0, bytes: 0 };
  const finish = (entry: EntryInput): void => {
    done.entries++;
    done.bytes += entry.size;
    options.onProgress?.({ ...done });
  };
  const small = job.entries.filter(({ size }) => size <= WHOLE);
  const { source } = job;
  if (canReadSync(source)) {
    const pause = createPacer();
    const buffer = new Uint8Array(WHOLE + 1);
    for (const entry of small) {
      options.signal?.throwIfAborted();
      readEntrySync(source, entry, buffer);
      files.writeSync(entry.key, buffer.subarray(0, entry.size));
      finish(entry);
      const rest = pause();
      if (rest !== undefined) await rest;
    }
  } else {
    const read = async (entry: EntryInput): Promise<[EntryInput, Uint8Array]> => [
      entry,
      await readEntry(source, entry, options),
    ];
    for await (const [entry, bytes] of readAhead(small, READS_AT_ONCE, read)) {
      options.signal?.throwIfAborted();
      files.writeSync(entry.key, bytes);
      finish(entry);
    }
  }
  for (const entry of job.entries.filter(({ size }) => size > WHOLE)) {
    const file = await files.open(entry.key);
    try {
      await writeBehind(streamEntry(source, entry, options), async (block) => {
        await file.writeFile(block);
        done.bytes += block.length;
        options.onProgress?.({ ...done });
      });
    } finally {
      await file.close();
    }
    done.entries++;
    options.onProgress?.({ ...done });
  }
}
