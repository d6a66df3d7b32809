import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DestinationExistsError } from "../errors.js";
import { canReadSync, readEntry, readEntrySync, streamEntry } from "../store/entry-bytes.js";
import { createPacer } from "../store/pacer.js";
import { readAhead } from "../store/read-ahead.js";
import { checkKeysDistinct, checkKeysSafe } from "../store/safe-keys.js";
import type { EntryInput, StoreTarget, WriteJob, WriteOptions } from "../store/target.js";
import { writeBehind } from "../store/write-behind.js";
import { NODE_DOCUMENTS } from "../zarr/hierarchy.js";
import { partialPath, refuseExisting, syncParent } from "./beside.js";
import { errorCode, writeFailure } from "./failures.js";
import type { DestinationOptions } from "./file-sink.js";
import { syncFolder } from "./sync-folder.js";

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
export function directoryTarget(path: string, { overwrite = false }: DestinationOptions = {}): StoreTarget {
  return {
    name: path,
    async write(job, options) {
      const keys = job.entries.map(({ key }) => key);
      checkKeysSafe(keys, job.source.name);
      checkKeysDistinct(keys, job.source.name);
      await (overwrite ? refusePrecious(path) : refuseExisting(path));
      const partial = partialPath(path);
      try {
        await mkdir(partial);
        await writeFiles(job, partial, options);
        await syncFolder(
          partial,
          job.entries.map(({ key }) => join(partial, key)),
          options?.signal,
        );
        options?.signal?.throwIfAborted();
        if (overwrite) await replace(partial, path);
        else await moveInto(partial, path);
      } catch (error) {
        await rm(partial, { recursive: true, force: true }).catch(() => {});
        throw writeFailure(error, path);
      }
      await syncParent(path);
    },
  };
}

async function writeFiles(job: WriteJob, folder: string, options: WriteOptions = {}): Promise<void> {
  const done = { entries: 0, bytes: 0 };
  const made = new Set<string>();
  const fileFor = (entry: EntryInput): string => {
    const file = join(folder, entry.key);
    const parent = dirname(file);
    if (!made.has(parent)) mkdirSync(parent, { recursive: true });
    made.add(parent);
    return file;
  };
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
      writeNewFile(fileFor(entry), buffer.subarray(0, entry.size));
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
      writeNewFile(fileFor(entry), bytes);
      finish(entry);
    }
  }
  for (const entry of job.entries.filter(({ size }) => size > WHOLE)) {
    const file = await open(fileFor(entry), "wx");
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

function writeNewFile(path: string, bytes: Uint8Array): void {
  const file = openSync(path, "wx");
  try {
    for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done, bytes.length - done);
  } finally {
    closeSync(file);
  }
}

async function moveInto(partial: string, path: string): Promise<void> {
  await refuseExisting(path);
  await rename(partial, path);
}

/** Puts `partial` in the place of `path`; what was there is only removed once the new folder is in place. */
async function replace(partial: string, path: string): Promise<void> {
  const aside = partialPath(path);
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
  if (wasThere) await rm(aside, { recursive: true, force: true });
}

/** Throws where "replace it" cannot be meant: a folder that is neither empty nor a Zarr hierarchy, or a file. */
async function refusePrecious(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return;
  if (!found.isDirectory()) {
    throw new DestinationExistsError(
      `${path} is a file, which a folder cannot replace: choose another name or remove it`,
      { location: path, replaceable: false },
    );
  }
  const names = await readdir(path);
  if (names.length === 0 || names.some((name) => NODE_DOCUMENTS.includes(name))) return;
  throw new DestinationExistsError(
    `${path} is a folder with other things in it than an image, so it is not replaced: choose another name or remove it yourself`,
    { location: path, replaceable: false },
  );
}
