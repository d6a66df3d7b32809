import {
  type ByteSink,
  canReadSync,
  createPacer,
  type EntryInput,
  type Progress,
  readAhead,
  readEntry,
  readEntrySync,
  type Store,
  sourceChanged,
  streamEntry,
  type WriteOptions,
} from "@ozx/core";
import { crc32 } from "../crc32/crc32.js";
import { viewOf } from "../records/fields.js";
import { writeLocalHeader, writtenLocalHeaderSize } from "../records/local-header.js";
import { storedEntryAt, type ZipLayout } from "./layout.js";

/** Small entries are gathered into writes of about this size; larger ones go straight through. */
const BATCH = 1024 * 1024;
/** Small entries that are read at once where reads do not block. */
const READS_AT_ONCE = 16;

/** A run of a layout's entries, and where their data comes from. */
export interface EntryRun {
  readonly layout: ZipLayout;
  readonly source: Store;
  /** The entries of the whole layout, in its order. */
  readonly entries: readonly EntryInput[];
  /** The run is `from..to`, the end not included. Runs that do not overlap can be written at the same time. */
  readonly from: number;
  readonly to: number;
}

/**
 * Writes the headers and data of a run of entries to their places and puts their CRCs into `crcs`, which has
 * a place for every entry of the layout.
 */
export async function writeEntries(
  run: EntryRun,
  sink: ByteSink,
  crcs: Uint32Array,
  options: WriteOptions = {},
): Promise<void> {
  const { layout, source, entries } = run;
  const report = counter(options.onProgress);
  const batch = createBatch(sink, report, options);
  const pause = createPacer();
  for (const { first, end, small } of groups(run)) {
    options.signal?.throwIfAborted();
    if (!small) {
      await batch.flush();
      await writeLargeEntry(run, first, sink, crcs, report, options);
      continue;
    }
    const indices = Array.from({ length: end - first }, (_, k) => first + k);
    if (canReadSync(source)) {
      for (const index of indices) {
        const entry = entries[index] as EntryInput;
        await batch.add(layout, index, crcs, (target) => readEntrySync(source, entry, target));
        const rest = pause();
        if (rest !== undefined) await rest.then(() => options.signal?.throwIfAborted());
      }
    } else {
      const read = (index: number): Promise<Uint8Array> =>
        readEntry(source, entries[index] as EntryInput, options);
      let index = first;
      for await (const bytes of readAhead(indices, READS_AT_ONCE, read)) {
        await batch.add(layout, index++, crcs, (target) => target.set(bytes));
      }
    }
  }
  await batch.flush();
}

/** Splits a run into groups of small entries, and large entries one by one. */
function* groups({ layout, from, to }: EntryRun): Generator<{ first: number; end: number; small: boolean }> {
  const isSmall = (index: number): boolean => (layout.sizes[index] as number) <= BATCH;
  for (let first = from; first < to; ) {
    const small = isSmall(first);
    let end = first + 1;
    while (small && end < to && isSmall(end)) end++;
    yield { first, end, small };
    first = end;
  }
}

interface Batch {
  /** Adds an entry: header first, then the data that `fill` puts there, one spare byte behind it. */
  add(layout: ZipLayout, index: number, crcs: Uint32Array, fill: (target: Uint8Array) => void): Promise<void>;
  flush(): Promise<void>;
}

/** One reused buffer in which neighbouring small entries are put together exactly as they lie in the archive. */
function createBatch(sink: ByteSink, report: Counter, options: WriteOptions): Batch {
  const buffer = new Uint8Array(BATCH * 2 + 0x2_0000);
  const view = viewOf(buffer);
  let start = 0;
  let used = 0;
  let entries = 0;
  let bytes = 0;
  const flush = async (): Promise<void> => {
    if (used === 0) return;
    const full = buffer.subarray(0, used);
    if (sink.writeSync) sink.writeSync(start, full);
    else await sink.write(start, full, options);
    report(entries, bytes);
    used = entries = bytes = 0;
  };
  return {
    async add(layout, index, crcs, fill) {
      const entry = storedEntryAt(layout, index);
      if (used === 0) start = entry.headerOffset;
      const dataAt = used + writtenLocalHeaderSize(entry.name.length);
      fill(buffer.subarray(dataAt, dataAt + entry.size + 1));
      const crc = crc32(buffer.subarray(dataAt, dataAt + entry.size));
      crcs[index] = crc;
      writeLocalHeader(view, used, { ...entry, crc });
      used = dataAt + entry.size;
      entries++;
      bytes += entry.size;
      if (used >= BATCH) await flush();
    },
    flush,
  };
}

/**
 * Writes an entry that is too large for the batch block by block. The CRC is known at the end and put into
 * the header then; a sink that cannot go back gets it from a first pass over the data.
 */
async function writeLargeEntry(
  { layout, source, entries }: EntryRun,
  index: number,
  sink: ByteSink,
  crcs: Uint32Array,
  report: Counter,
  options: WriteOptions,
): Promise<void> {
  const input = entries[index] as EntryInput;
  const entry = storedEntryAt(layout, index);
  const header = new Uint8Array(writtenLocalHeaderSize(entry.name.length));
  const writeHeader = (crc: number): Promise<void> => {
    writeLocalHeader(viewOf(header), 0, { ...entry, crc });
    return sink.write(entry.headerOffset, header, options);
  };
  const firstCrc = sink.forwardOnly ? await crcOf(source, input, options) : 0;
  if (sink.forwardOnly) await writeHeader(firstCrc);
  let crc = 0;
  let position = entry.headerOffset + header.length;
  for await (const block of streamEntry(source, input, options)) {
    crc = crc32(block, crc);
    await sink.write(position, block, options);
    position += block.length;
    report(0, block.length);
  }
  if (!sink.forwardOnly) await writeHeader(crc);
  else if (crc !== firstCrc) throw sourceChanged(source, input);
  crcs[index] = crc;
  report(1, 0);
}

async function crcOf(source: Store, entry: EntryInput, options: WriteOptions): Promise<number> {
  let crc = 0;
  for await (const block of streamEntry(source, entry, options)) crc = crc32(block, crc);
  return crc;
}

type Counter = (entries: number, bytes: number) => void;

function counter(onProgress: ((done: Progress) => void) | undefined): Counter {
  const done = { entries: 0, bytes: 0 };
  return (entries, bytes) => {
    done.entries += entries;
    done.bytes += bytes;
    onProgress?.({ ...done });
  };
}
