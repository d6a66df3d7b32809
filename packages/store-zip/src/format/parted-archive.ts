import type { ReadOptions } from "@ozx/core";
import {
  type ByteSink,
  type EntryInput,
  type PartedIndex,
  type PartedJob,
  splitEvenly,
  type WriteJob,
  writeGenerated,
} from "@ozx/core/container";
import type { FinishedEntry } from "@ozx/core/internal";
import { growingArchive, writeDirectory } from "../write/growing-archive.js";
import { layOut } from "../write/layout.js";
import { jobFingerprint } from "../write/run-journal.js";
import { ENTRY_COST, type RunsWriter, splitRuns, writeRuns } from "../write/write-entries.js";
import { createEntryColumns, endOfRow } from "../write/written-entries.js";
import { archiveJob, namesInOrder } from "./ozx-target.js";

/** The bytes that an entry of a directory and its local header take besides its name, roughly. */
const HEADER_BYTES = 150;

/**
 * An `.ozx` that several processes write together: see {@link PartedJob}. Local headers do not say where they are, so a
 * segment can stand anywhere, and the same parts in the same order give the bytes that one process writes.
 *
 * @param write writes the entries of known sizes; by default, the calling thread does
 */
export async function partedArchive(
  job: WriteJob,
  options?: ReadOptions,
  write: RunsWriter = writeRuns,
): Promise<PartedJob> {
  const { source, entries, generated, comment } = await archiveJob(job, options);
  const layout = await layOut(
    entries.map(({ key, size }) => ({ name: key.slice(1), size })),
    comment,
    options,
  );
  const { count, directoryOffset: copied } = layout;
  const crcs = new Uint32Array(count);
  const data = { layout, source, entries, crcs };
  return {
    fingerprint: jobFingerprint({ ...data, generated }),
    count,
    copied,
    indexBytes: layout.directorySize + (generated?.entries ?? 0) * HEADER_BYTES,
    ending: new TextDecoder().decode(comment),
    startOf: (index) => (index === count ? copied : (layout.headerOffsets[index] as number)),
    *keysOf({ from, to }) {
      for (let index = from; index < to; index++) yield* keysRead(entries[index] as EntryInput);
    },
    split(parts) {
      const costAt = (index: number): number => (layout.sizes[index] as number) + ENTRY_COST;
      return splitEvenly(count, costAt, parts);
    },
    async writeRun({ from, to }, sink, writing) {
      await write(data, splitRuns(layout, { from, to }), sink, writing);
      return entries.slice(from, to).map(({ key, size }, k) => ({ key, size, crc: crcs[from + k] ?? 0 }));
    },
    async writeSegment(producer, sink, writing) {
      const columns = createEntryColumns();
      const written: FinishedEntry[] = [];
      const recording = {
        ...columns,
        add(name: string, row: Parameters<typeof columns.add>[1]): void {
          columns.add(name, row);
          written.push({ key: `/${name}`, size: row.size, crc: row.crc });
        },
      };
      const archive = growingArchive(sink, { columns: recording, position: 0 });
      await writeGenerated(
        { source, entries: [], generated: producer },
        { add: ({ key, bytes }, adding) => archive.add(key.slice(1), bytes, adding) },
        writing,
      );
      await archive.flush(writing);
      return written;
    },
  };
}

/** Writes the directory and the end of an archive whose entries are written, as parts of a {@link partedArchive}. */
export async function writePartedIndex(
  { copied, segments, position, ending }: PartedIndex,
  sink: ByteSink,
  options?: ReadOptions,
): Promise<void> {
  const columns = createEntryColumns();
  for (const run of [copied, ...segments]) {
    let headerOffset = run.position;
    for (const { key, size, crc = 0 } of run.entries) {
      const row = { name: key.slice(1), size, crc, headerOffset };
      if (run !== copied) columns.refuse(row.name);
      columns.add(row.name, row);
      headerOffset = endOfRow(row);
    }
  }
  // Without generated entries the layout is in this order already.
  const names = segments.length === 0 ? columns.names() : await namesInOrder(columns.names(), options);
  const entryAt = (index: number) => columns.entry(names[index] as string);
  const comment = new TextEncoder().encode(ending);
  await writeDirectory({ count: names.length, entryAt, directoryOffset: position, comment }, sink, options);
}

function* keysRead({ content }: EntryInput): Generator<`/${string}`> {
  if (typeof content === "string") yield content;
  else if (!(content instanceof Uint8Array)) {
    for (const piece of content) if (!(piece instanceof Uint8Array)) yield piece.key;
  }
}
