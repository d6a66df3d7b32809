import {
  type BlockingStore,
  canReadSync,
  createPacer,
  type EntryInput,
  readAhead,
  readEntry,
  readEntrySync,
  type WriteOptions,
} from "@ozx/core";
import { crc32 } from "../crc32/crc32.js";
import { viewOf } from "../records/fields.js";
import { writeLocalHeader, writtenLocalHeaderSize } from "../records/local-header.js";
import { nameLengthAt, storedEntryAt } from "./layout.js";
import type { Block, EntryRun } from "./write-entries.js";

/** Entries up to this size are gathered into blocks. */
export const MAX_SMALL = 1024 * 1024;
/** A block is handed on once it is this large. */
const FULL = 1024 * 1024;
/** The longest header, the largest entry and the byte that follows it, when all but full. */
const BUFFER_SIZE = FULL + 0x2_0000 + MAX_SMALL;
/** Entries that are read at once where reads do not block. */
const READS_AT_ONCE = 16;

/** Puts neighbouring small entries together exactly as they lie in the archive, headers and data. */
export function smallBlocks(run: EntryRun, options: WriteOptions): AsyncGenerator<Block> {
  return canReadSync(run.source) ? blockingBlocks(run, run.source, options) : concurrentBlocks(run, options);
}

/** Reads straight behind the headers. Nothing is awaited for an entry: that would cost as much as its reading. */
async function* blockingBlocks(
  run: EntryRun,
  source: BlockingStore,
  options: WriteOptions,
): AsyncGenerator<Block> {
  const gatherer = createGatherer(run);
  const pause = createPacer();
  for (let index = run.from; index < run.to; index++) {
    const entry = run.entries[index] as EntryInput;
    gatherer.add(index, (target) => readEntrySync(source, entry, target));
    if (gatherer.isFull()) yield gatherer.take();
    const rest = pause();
    if (rest === undefined) continue;
    await rest;
    options.signal?.throwIfAborted();
  }
  yield gatherer.take();
}

async function* concurrentBlocks(run: EntryRun, options: WriteOptions): AsyncGenerator<Block> {
  const gatherer = createGatherer(run);
  const read = (entry: EntryInput): Promise<Uint8Array> => readEntry(run.source, entry, options);
  let index = run.from;
  for await (const bytes of readAhead(run.entries.slice(run.from, run.to), READS_AT_ONCE, read)) {
    gatherer.add(index++, (target) => target.set(bytes));
    if (gatherer.isFull()) yield gatherer.take();
  }
  yield gatherer.take();
}

interface Gatherer {
  /** Adds an entry, the one after the last: its header, then the data that `fill` puts there, and one spare byte. */
  add(index: number, fill: (target: Uint8Array) => void): void;
  isFull(): boolean;
  /** What was gathered since the last time. */
  take(): Block;
}

/** Gathers in two buffers in turn, since one block is being written while the next is gathered. */
function createGatherer({ layout, crcs }: EntryRun): Gatherer {
  let [buffer, other] = [new Uint8Array(BUFFER_SIZE), new Uint8Array(BUFFER_SIZE)];
  let [view, otherView] = [viewOf(buffer), viewOf(other)];
  let position = 0;
  let used = 0;
  let entries = 0;
  let bytes = 0;
  return {
    add(index, fill) {
      if (used === 0) position = layout.headerOffsets[index] as number;
      const size = layout.sizes[index] as number;
      const start = used + writtenLocalHeaderSize(nameLengthAt(layout, index));
      const end = start + size;
      fill(buffer.subarray(start, end + 1));
      const crc = crc32(buffer.subarray(start, end));
      crcs[index] = crc;
      writeLocalHeader(view, used, storedEntryAt(layout, index, crc));
      used = end;
      entries++;
      bytes += size;
    },
    isFull: () => used >= FULL,
    take() {
      const block = { position, bytes: buffer.subarray(0, used), done: { entries, bytes } };
      [buffer, other] = [other, buffer];
      [view, otherView] = [otherView, view];
      used = entries = bytes = 0;
      return block;
    },
  };
}
