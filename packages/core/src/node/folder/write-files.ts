import { createThrottle, readAhead, writeBehind } from "../../bytes/concurrency.js";
import { canReadSync, readEntry, readEntrySync, streamEntry } from "../../store/entry-bytes.js";
import type { EntryInput, WriteJob, WriteOptions } from "../../store/target.js";
import type { NewFiles } from "./new-files.js";

/** Entries up to this size are read whole; larger ones go block by block. */
export const WHOLE = 1024 * 1024;
/** Whole entries that are read at once where reads do not block. */
const READS_AT_ONCE = 16;

/** Writes each entry into a file of its own. */
export async function writeFiles(
  { source, entries }: Pick<WriteJob, "source" | "entries">,
  files: NewFiles,
  options: WriteOptions = {},
): Promise<void> {
  const done = { entries: 0, bytes: 0 };
  const finish = (entry: EntryInput): void => {
    done.entries++;
    done.bytes += entry.size;
    options.onProgress?.({ ...done });
  };
  const small = entries.filter(({ size }) => size <= WHOLE);
  if (canReadSync(source)) {
    const pause = createThrottle();
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
  for (const entry of entries.filter(({ size }) => size > WHOLE)) {
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
