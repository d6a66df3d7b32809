import { type ByteSink, type EntryInput, progressAfter, type Store, type WriteOptions } from "@ozx/core";
import { layOut } from "./layout.js";
import { openRunJournal, type RunJournal } from "./run-journal.js";
import { splitRuns } from "./split-runs.js";
import { laidOutDirectory, writeDirectory } from "./write-directory.js";
import { type RunsWriter, writeRuns } from "./write-runs.js";

/**
 * Writes a whole archive into a sink and commits it, or discards it when anything fails. All entries are
 * stored, in the order given, with ZIP64 records everywhere; timestamps are fixed, so that the same input
 * gives the same bytes.
 *
 * @param write what writes the entries, before the directory; this thread alone by default
 */
export async function writeArchive(
  source: Store,
  entries: readonly EntryInput[],
  comment: Uint8Array,
  sink: ByteSink,
  options?: WriteOptions,
  write: RunsWriter = writeRuns,
): Promise<void> {
  let journal: RunJournal | undefined;
  try {
    options?.signal?.throwIfAborted();
    const layout = layOut(
      entries.map(({ key, size }) => ({ name: key.slice(1), size })),
      comment,
    );
    const crcs = new Uint32Array(layout.count);
    const data = { layout, source, entries, crcs };
    journal = await openRunJournal(data, splitRuns(layout), sink, options);
    await sink.reserve?.(layout.size);
    await write(data, journal.left, sink, {
      ...options,
      onProgress: progressAfter(journal.before, options),
      onRun: journal.finished,
    });
    await journal.settle();
    await writeDirectory(laidOutDirectory(layout, crcs), sink, options);
    options?.signal?.throwIfAborted();
    await sink.commit(options);
  } catch (error) {
    await journal?.close();
    await sink.discard();
    throw error;
  }
}
