import { type ByteSink, type WriteJob, type WriteOptions, writeMade } from "@ozx/core";
import { createEntryColumns, type NameOrder } from "./entry-columns.js";
import { growingArchive } from "./growing-archive.js";
import { layOut } from "./layout.js";
import { writeEntries } from "./write-entries.js";

/**
 * Writes a job's entries of known sizes in their order, then those that are made, and commits the sink, or
 * discards it when anything fails.
 *
 * @param order puts the names of all entries into the order of the central directory
 */
export async function writeGrowingArchive(
  job: WriteJob,
  order: NameOrder,
  comment: Uint8Array,
  sink: ByteSink,
  options?: WriteOptions,
): Promise<void> {
  try {
    options?.signal?.throwIfAborted();
    const { source, entries } = job;
    const layout = layOut(
      entries.map(({ key, size }) => ({ name: key.slice(1), size })),
      comment,
    );
    // What is made comes on top; how much is only guessed, and no reason to refuse.
    await sink.reserve?.(layout.size);
    const crcs = new Uint32Array(layout.count);
    await writeEntries({ layout, source, entries, from: 0, to: layout.count, crcs }, sink, options);
    const columns = createEntryColumns();
    entries.forEach(({ key, size }, index) => {
      const headerOffset = layout.headerOffsets[index] as number;
      columns.add(key.slice(1), { size, crc: crcs[index] as number, headerOffset });
    });
    const archive = growingArchive(sink, { columns, position: layout.directoryOffset });
    await writeMade(
      job,
      { add: ({ key, bytes }, adding) => archive.add(key.slice(1), bytes, adding) },
      options,
    );
    await archive.end(order, comment, options);
    options?.signal?.throwIfAborted();
    await sink.commit();
  } catch (error) {
    await sink.discard();
    throw error;
  }
}
