import {
  type ByteSink,
  type EntryInput,
  progressAfter,
  type Store,
  type WriteJob,
  type WriteOptions,
  writeGenerated,
} from "@ozx/core";
import { growingArchive, laidOutDirectory, writeDirectory } from "./growing-archive.js";
import { layOut, type ZipLayout } from "./layout.js";
import { openRunJournal, type RunJournal } from "./run-journal.js";
import { type RunsWriter, splitRuns, writeRuns } from "./write-entries.js";
import {
  createEntryColumns,
  type EntryColumns,
  endOfRow,
  type NameOrder,
  readGeneratedRows,
} from "./written-entries.js";

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
  write?: RunsWriter,
): Promise<void> {
  const end = async ({ layout, crcs, journal: account }: CopiedEntries): Promise<void> => {
    await account.settle();
    await writeDirectory(laidOutDirectory(layout, crcs), sink, options);
  };
  await copyAndCommit({ source, entries }, comment, sink, end, options, write);
}

/**
 * Writes a job's entries of known sizes in their order, then those that are made, and commits the sink, or
 * discards it when anything fails.
 *
 * @param order puts the names of all entries into the order of the central directory
 * @param write what writes the entries of known sizes; this thread alone by default
 */
export async function writeGrowingArchive(
  job: WriteJob,
  order: NameOrder,
  comment: Uint8Array,
  sink: ByteSink,
  options?: WriteOptions,
  write?: RunsWriter,
): Promise<void> {
  const end = async ({ layout, crcs, journal: account }: CopiedEntries): Promise<void> => {
    const written = account.generated;
    const position = written.reduce((_, row) => endOfRow(row), layout.directoryOffset);
    if (sink.journal?.resumes) await sink.journal.truncate(position);
    const columns = createEntryColumns();
    job.entries.forEach(({ key, size }, index) => {
      const headerOffset = layout.headerOffsets[index] as number;
      columns.add(key.slice(1), { size, crc: crcs[index] as number, headerOffset });
    });
    for (const { name, ...row } of written) columns.add(name, row);
    const archive = growingArchive(sink, { columns: recordingColumns(columns, account), position });
    await writeGenerated(
      job,
      {
        async add({ key, bytes }, adding) {
          await archive.add(key.slice(1), bytes, adding);
          if (account.isDue()) await archive.flush(adding);
          account.reached(archive.written());
        },
      },
      options,
      sink.journal && readGeneratedRows(written, sink.name, sink.journal),
    );
    await account.settle();
    await archive.end(order, comment, options);
  };
  await copyAndCommit(job, comment, sink, end, options, write);
}

/** Columns that tell a journal what is added to them. */
function recordingColumns(columns: EntryColumns, { added }: RunJournal): EntryColumns {
  return {
    ...columns,
    add(name, entry) {
      columns.add(name, entry);
      added({ name, ...entry });
    },
  };
}

/** A job's entries of known sizes, which are in the sink. */
export interface CopiedEntries {
  readonly layout: ZipLayout;
  readonly crcs: Uint32Array;
  /** Is to be settled before the directory is written. */
  readonly journal: RunJournal;
}

/**
 * Writes a job's entries of known sizes in their order, has what comes behind them written, and commits the sink, or
 * discards it when anything fails.
 *
 * @param end writes the rest, up to the end records
 * @param write what writes the entries of known sizes; this thread alone by default
 */
export async function copyAndCommit(
  { source, entries, generated: made }: WriteJob,
  comment: Uint8Array,
  sink: ByteSink,
  end: (copied: CopiedEntries) => Promise<void>,
  options?: WriteOptions,
  write: RunsWriter = writeRuns,
): Promise<void> {
  let account: RunJournal | undefined;
  try {
    options?.signal?.throwIfAborted();
    const layout = layOut(
      entries.map(({ key, size }) => ({ name: key.slice(1), size })),
      comment,
    );
    const crcs = new Uint32Array(layout.count);
    const data = { layout, source, entries, crcs };
    account = await openRunJournal({ ...data, generated: made }, splitRuns(layout), sink, options);
    // What is made comes on top: what is only guessed of it is no reason to refuse.
    await sink.reserve?.(layout.size + (made?.leastBytes ?? 0));
    await write(data, account.remaining, sink, {
      ...options,
      onProgress: progressAfter(account.before, options),
      onRun: account.finished,
    });
    await end({ layout, crcs, journal: account });
    options?.signal?.throwIfAborted();
    await sink.commit(options);
  } catch (error) {
    await account?.close();
    await sink.discard();
    throw error;
  }
}
