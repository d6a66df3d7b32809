import type { Store } from "@ozx/core";
import {
  type BlockingStore,
  type ByteSink,
  canReadSync,
  createThrottle,
  type EntryInput,
  progressCounter,
  type RunRange,
  readAhead,
  readEntry,
  readEntrySync,
  sourceChanged,
  splitByCost,
  streamEntry,
  type WriteOptions,
  writeBehind,
} from "@ozx/core/container";
import { crc32 } from "../crc32/crc32.js";
import { localHeaderBytes, writtenLocalHeaderSize } from "../records/local-header.js";
import { type Block, type BufferPair, createGatherer, MAX_SMALL } from "./gather-entries.js";
import { nameLengthAt, storedEntryAt, type ZipLayout } from "./layout.js";

/** The entries of a layout, and where their data comes from. */
export interface EntryData {
  readonly layout: ZipLayout;
  /** Where contents that are keys are read from. */
  readonly source: Store;
  /** All entries of the layout, in its order. */
  readonly entries: readonly EntryInput[];
  /** One element for each entry of the layout; a run sets those of its own entries. */
  readonly crcs: Uint32Array;
}

/** The options of {@link writeRuns}. */
export interface WriteRunsOptions extends WriteOptions {
  /** Called when a run is written and its CRCs are set. */
  readonly onRun?: ((run: RunRange) => void) | undefined;
}

/** Writes runs of entries into a sink, as {@link writeRuns} does. */
export type RunsWriter = (
  data: EntryData,
  runs: readonly RunRange[],
  sink: ByteSink,
  options?: WriteRunsOptions,
) => Promise<void>;

/** Writes runs one after the other. */
export async function writeRuns(
  data: EntryData,
  runs: readonly RunRange[],
  sink: ByteSink,
  options: WriteRunsOptions = {},
): Promise<void> {
  const count = progressCounter(options);
  for (const run of runs) {
    await writeEntries({ ...data, ...run }, sink, { ...options, onProgress: count.within() });
    options.onRun?.(run);
  }
}

/** The cost of an entry besides its bytes (opening, closing, a header), as bytes that are copied in the same time. */
export const ENTRY_COST = 32 * 1024;
const RUN_SIZES = { least: 2 * 1024 * 1024, most: 128 * 1024 * 1024 };

/** Splits a run of a layout's entries, all by default, into runs of about equal cost, in the order of the archive. */
export function splitRuns(
  { count, sizes }: ZipLayout,
  { from, to }: RunRange = { from: 0, to: count },
): RunRange[] {
  const costAt = (index: number): number => (sizes[from + index] as number) + ENTRY_COST;
  return splitByCost(to - from, costAt, RUN_SIZES).map((run) => ({
    from: from + run.from,
    to: from + run.to,
  }));
}

/** A run of a layout's entries. Runs that do not overlap can be written concurrently. */
interface EntryRun extends EntryData, RunRange {
  readonly buffers: BufferPair;
}

/**
 * Writes the headers and data of a run of entries, and sets their CRCs in `crcs`. One block is written while the next
 * is read.
 */
export async function writeEntries(
  data: EntryData & RunRange,
  sink: ByteSink,
  options: WriteOptions = {},
): Promise<void> {
  let entries = 0;
  let bytes = 0;
  const run: EntryRun = { ...data, buffers: spareBuffers ?? {} };
  spareBuffers = undefined;
  await writeBehind(blocksOf(run, sink.forwardOnly, options), async (block) => {
    await sink.write(block.position, block.bytes, options);
    entries += block.done.entries;
    bytes += block.done.bytes;
    options.onProgress?.({ entries, bytes });
  });
  spareBuffers = run.buffers;
}

/** Of the run before: new memory for each run would take as long as to read into it. */
let spareBuffers: BufferPair | undefined;

async function* blocksOf(run: EntryRun, forwardOnly: boolean, options: WriteOptions): AsyncGenerator<Block> {
  const { sizes } = run.layout;
  const mostAhead = run.source.openSync === undefined ? MAX_AHEAD : MAX_SMALL;
  for (let from = run.from; from < run.to; ) {
    const endOf = (least: number, most: number): number => {
      let to = from;
      for (; to < run.to; to++) {
        const size = sizes[to] as number;
        if (size < least || size > most) break;
      }
      return to;
    };
    let to = endOf(0, MAX_SMALL);
    if (to > from) yield* smallBlocks({ ...run, from, to }, options);
    else {
      to = endOf(MAX_SMALL, mostAhead);
      if (to > from) yield* aheadBlocks({ ...run, from, to }, options);
      else yield* largeBlocks(run, to++, forwardOnly, options);
    }
    from = to;
  }
}

/** Entries up to this size are read ahead where reads do not block. */
const MAX_AHEAD = 16 * 1024 * 1024;
/** How many of them are read at once. */
const LARGE_AT_ONCE = 4;
/** How many entries are read concurrently where reads do not block. */
const READS_AT_ONCE = 16;

/** Gathers headers and data of neighbouring small entries, as they are in the archive. */
function smallBlocks(run: EntryRun, options: WriteOptions): AsyncGenerator<Block> {
  return canReadSync(run.source) ? blockingBlocks(run, run.source, options) : concurrentBlocks(run, options);
}

/** Reads data into the block, after its header. Nothing is awaited for each entry, which would cost as much as a read. */
async function* blockingBlocks(
  run: EntryRun,
  source: BlockingStore,
  options: WriteOptions,
): AsyncGenerator<Block> {
  const gatherer = createGatherer(run);
  const pause = createThrottle(options);
  for (let index = run.from; index < run.to; index++) {
    const entry = run.entries[index] as EntryInput;
    const isAdded = gatherer.add(index, (target) => readEntrySync(source, entry, target));
    if (!isAdded) {
      const bytes = await readEntry(source, entry, options);
      gatherer.add(index, (target) => fillWith(target, bytes));
    }
    if (gatherer.isFull()) yield gatherer.take();
    const rest = pause();
    if (rest !== undefined) await rest;
  }
  if (!gatherer.isEmpty()) yield gatherer.take();
}

async function* concurrentBlocks(run: EntryRun, options: WriteOptions): AsyncGenerator<Block> {
  const gatherer = createGatherer(run);
  const read = (entry: EntryInput): Promise<Uint8Array> => readEntry(run.source, entry, options);
  let index = run.from;
  for await (const bytes of readAhead(run.entries.slice(run.from, run.to), READS_AT_ONCE, read)) {
    gatherer.add(index++, (target) => fillWith(target, bytes));
    if (gatherer.isFull()) yield gatherer.take();
  }
  if (!gatherer.isEmpty()) yield gatherer.take();
}

function fillWith(target: Uint8Array, bytes: Uint8Array): true {
  target.set(bytes);
  return true;
}

/** Header and data of each entry. While one is written, others are read, as from a server, or decoded in threads. */
async function* aheadBlocks(
  { layout, source, entries, crcs, from, to }: EntryRun,
  options: WriteOptions,
): AsyncGenerator<Block> {
  const read = (entry: EntryInput): Promise<Uint8Array> => readEntry(source, entry, options);
  let index = from;
  for await (const bytes of readAhead(entries.slice(from, to), LARGE_AT_ONCE, read)) {
    const crc = crc32(bytes);
    crcs[index] = crc;
    const position = layout.headerOffsets[index] as number;
    const header = localHeaderBytes(storedEntryAt(layout, index, crc));
    yield { position, bytes: header, done: { entries: 0, bytes: 0 } };
    yield { position: position + header.length, bytes, done: { entries: 1, bytes: bytes.length } };
    index++;
  }
}

/**
 * Data and header of a large entry, in blocks. The header comes last, when the CRC is known. For a forward-only sink it
 * comes first, and the data is read twice.
 *
 * @throws SourceChangedError where the two reads differ
 */
async function* largeBlocks(
  { layout, source, entries, crcs }: EntryRun,
  index: number,
  forwardOnly: boolean,
  options: WriteOptions,
): AsyncGenerator<Block> {
  const input = entries[index] as EntryInput;
  const headerOffset = layout.headerOffsets[index] as number;
  const headerSize = writtenLocalHeaderSize(nameLengthAt(layout, index));
  const header = (crc: number): Block => ({
    position: headerOffset,
    bytes: localHeaderBytes(storedEntryAt(layout, index, crc)),
    done: { entries: 0, bytes: 0 },
  });
  let firstCrc = 0;
  if (forwardOnly) {
    for await (const bytes of streamEntry(source, input, options)) firstCrc = crc32(bytes, firstCrc);
    yield header(firstCrc);
  }
  let crc = 0;
  let position = headerOffset + headerSize;
  const end = position + input.size;
  for await (const bytes of streamEntry(source, input, options)) {
    crc = crc32(bytes, crc);
    const entriesDone = position + bytes.length === end ? 1 : 0;
    yield { position, bytes, done: { entries: entriesDone, bytes: bytes.length } };
    position += bytes.length;
  }
  if (!forwardOnly) yield header(crc);
  else if (crc !== firstCrc) throw sourceChanged(source, input);
  crcs[index] = crc;
}
