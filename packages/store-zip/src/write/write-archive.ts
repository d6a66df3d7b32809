import { type ByteSink, type EntryInput, progressAfter, type Store, type WriteOptions } from "@ozx/core";
import { writeCentralHeader, writtenCentralHeaderSize } from "../records/central-header.js";
import { endRecords } from "../records/end-records.js";
import { viewOf } from "../records/fields.js";
import { layOut, nameLengthAt, storedEntryAt, type ZipLayout } from "./layout.js";
import { openRunJournal, type RunJournal } from "./run-journal.js";
import { splitRuns } from "./split-runs.js";
import { type RunsWriter, writeRuns } from "./write-runs.js";

/** How much of the central directory is put together before it is written. */
const BATCH = 1024 * 1024;

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
    await writeDirectory(layout, crcs, sink, options);
    options?.signal?.throwIfAborted();
    await sink.commit(options);
  } catch (error) {
    await journal?.close();
    await sink.discard();
    throw error;
  }
}

/** Writes the central directory and the end records, once all CRCs are known. */
export async function writeDirectory(
  layout: ZipLayout,
  crcs: Uint32Array,
  sink: ByteSink,
  options?: WriteOptions,
): Promise<void> {
  let position = layout.directoryOffset;
  for (let from = 0; from < layout.count; ) {
    let to = from;
    let size = 0;
    for (; to < layout.count && size < BATCH; to++) {
      size += writtenCentralHeaderSize(nameLengthAt(layout, to));
    }
    const bytes = new Uint8Array(size);
    const view = viewOf(bytes);
    let at = 0;
    for (; from < to; from++) {
      at = writeCentralHeader(view, at, storedEntryAt(layout, from, crcs[from] as number));
    }
    await sink.write(position, bytes, options);
    position += size;
  }
  await sink.write(
    position,
    endRecords({ ...layout, entries: layout.count }, position, layout.comment),
    options,
  );
}
