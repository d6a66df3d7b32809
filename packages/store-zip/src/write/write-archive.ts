import { isOzxError } from "@ozx/core";
import {
  type ByteSink,
  checkSourceUnchanged,
  type EntryInput,
  forEachInSlices,
  progressAfter,
  type WriteJob,
  type WriteOptions,
  writeGenerated,
} from "@ozx/core/container";
import { growingArchive, laidOutDirectory, writeDirectory } from "./growing-archive.js";
import { layOut, type ZipLayout } from "./layout.js";
import { openRunJournal, type RunJournal } from "./run-journal.js";
import { type RunsWriter, splitRuns, writeRuns } from "./write-entries.js";
import {
  createEntryColumns,
  type EntryColumns,
  earlierGenerated,
  endOfRow,
  type NameOrder,
} from "./written-entries.js";

/** What is written into an archive: entries of known sizes, in their order, then generated ones. */
export interface ArchiveJob extends WriteJob {
  /** The archive comment, at most 65,535 bytes. */
  readonly comment: Uint8Array;
  /** Sorts the names of all entries for the central directory of a job with generated entries. */
  readonly order?: NameOrder;
}

interface WriteArchiveOptions extends WriteOptions {
  /** Writes the entries of known sizes; by default, the calling thread does. */
  readonly write?: RunsWriter | undefined;
}

/**
 * Writes a whole archive into a sink and commits it, or discards it when anything fails. All entries are stored, with
 * ZIP64 records everywhere, in the form that all tools read. Timestamps are fixed, so the same input gives the same bytes.
 *
 * @throws RangeError for names, sizes and comments that ZIP cannot hold, and for duplicate names
 * @throws SourceChangedError when the source was changed meanwhile, where it can tell
 * @throws what the source and the sink throw, and the signal's reason
 */
export async function writeArchive(
  job: ArchiveJob,
  sink: ByteSink,
  { write = writeRuns, ...options }: WriteArchiveOptions = {},
): Promise<void> {
  const { source, entries, generated } = job;
  let journal: RunJournal | undefined;
  try {
    options.signal?.throwIfAborted();
    const layout = await layOut(
      entries.map(({ key, size }) => ({ name: key.slice(1), size })),
      job.comment,
      options,
    );
    const crcs = new Uint32Array(layout.count);
    const data = { layout, source, entries, crcs };
    journal = await openRunJournal({ ...data, generated }, splitRuns(layout), sink, options);
    // The size of generated entries is a guess, and only its lower bound may cause a failure.
    await sink.reserve?.(layout.size + (generated?.leastBytes ?? 0));
    await write(data, journal.remaining, sink, {
      ...options,
      onProgress: progressAfter(journal.before, options),
      onRun: journal.finished,
    });
    if (generated === undefined) {
      await journal.settle();
      await checkSourceUnchanged(job, options);
      await writeDirectory(laidOutDirectory(layout, crcs), sink, options);
    } else await writeGeneratedEntries(job, { layout, crcs, journal }, sink, options);
    options.signal?.throwIfAborted();
    await sink.commit(options);
  } catch (error) {
    if (isOzxError(error, "SourceChanged")) sink.journal?.forget();
    await journal?.close();
    await sink.discard();
    throw error;
  }
}

/** The entries of known sizes of a job, once they are in the sink. */
interface CopiedEntries {
  readonly layout: ZipLayout;
  readonly crcs: Uint32Array;
  readonly journal: RunJournal;
}

/** Writes a job's generated entries after those of known sizes, then the directory of all entries. */
async function writeGeneratedEntries(
  job: ArchiveJob,
  { layout, crcs, journal }: CopiedEntries,
  sink: ByteSink,
  options: WriteOptions,
): Promise<void> {
  const earlier = journal.generated;
  const position = earlier.reduce((_, row) => endOfRow(row), layout.directoryOffset);
  if (sink.journal?.resumes) await sink.journal.truncate(position);
  const columns = createEntryColumns();
  let index = 0;
  const addCopied = ({ key, size }: EntryInput): void => {
    const headerOffset = layout.headerOffsets[index] as number;
    columns.add(key.slice(1), { size, crc: crcs[index] as number, headerOffset });
    index++;
  };
  await forEachInSlices(job.entries, addCopied, options);
  for (const { name, ...row } of earlier) columns.add(name, row);
  const archive = growingArchive(sink, { columns: recordingColumns(columns, journal), position });
  await writeGenerated(
    job,
    {
      async add({ key, bytes }, adding) {
        await archive.add(key.slice(1), bytes, adding);
        if (journal.isDue()) await archive.flush(adding);
        journal.reached(archive.written());
      },
    },
    options,
    earlierGenerated(earlier),
  );
  await journal.settle();
  // Before the directory: what goes to a pipe is an archive from then on.
  await checkSourceUnchanged(job, options);
  await archive.end(job.order ?? ((names) => names), job.comment, options);
}

/** Columns that also report to a journal what is added to them. */
function recordingColumns(columns: EntryColumns, { added }: RunJournal): EntryColumns {
  return {
    ...columns,
    add(name, entry) {
      columns.add(name, entry);
      added({ name, ...entry });
    },
  };
}
