import { type ByteSink, type WriteJob, type WriteOptions, writeMade } from "@ozx/core";
import { type CopiedEntries, copyAndCommit } from "./copy-and-commit.js";
import { createEntryColumns, type EntryColumns, type NameOrder } from "./entry-columns.js";
import { growingArchive } from "./growing-archive.js";
import { earlierMade, endOfRow } from "./made-rows.js";
import type { RunJournal } from "./run-journal.js";
import type { RunsWriter } from "./write-runs.js";

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
  const end = async ({ layout, crcs, account }: CopiedEntries): Promise<void> => {
    const written = account.made;
    const position = written.reduce((_, row) => endOfRow(row), layout.directoryOffset);
    if (sink.journal?.resumes) await sink.journal.cut(position);
    const columns = createEntryColumns();
    job.entries.forEach(({ key, size }, index) => {
      const headerOffset = layout.headerOffsets[index] as number;
      columns.add(key.slice(1), { size, crc: crcs[index] as number, headerOffset });
    });
    for (const { name, ...row } of written) columns.add(name, row);
    const archive = growingArchive(sink, { columns: noting(columns, account), position });
    await writeMade(
      job,
      {
        async add({ key, bytes }, adding) {
          await archive.add(key.slice(1), bytes, adding);
          if (account.isDue()) await archive.flush(adding);
          account.reached(archive.written());
        },
      },
      options,
      sink.journal && earlierMade(written, sink.name, sink.journal),
    );
    await account.settle();
    await archive.end(order, comment, options);
  };
  await copyAndCommit(job, comment, sink, end, options, write);
}

/** Columns that tell a journal what is added to them. */
function noting(columns: EntryColumns, { added }: RunJournal): EntryColumns {
  return {
    ...columns,
    add(name, entry) {
      columns.add(name, entry);
      added({ name, ...entry });
    },
  };
}
