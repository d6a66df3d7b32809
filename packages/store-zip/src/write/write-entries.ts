import {
  type ByteSink,
  type EntryInput,
  type Progress,
  type RunRange,
  type Store,
  type WriteOptions,
  writeBehind,
} from "@ozx/core";
import { largeBlocks } from "./large-blocks.js";
import type { ZipLayout } from "./layout.js";
import { MAX_SMALL, smallBlocks } from "./small-blocks.js";

/** The entries of a layout, and where their data comes from. */
export interface EntryData {
  readonly layout: ZipLayout;
  readonly source: Store;
  /** The entries of the whole layout, in its order. */
  readonly entries: readonly EntryInput[];
  /** Has a place for every entry of the layout; a run fills in its own. */
  readonly crcs: Uint32Array;
}

/** A run of a layout's entries, and where their data comes from. Those that do not overlap can be written at once. */
export type EntryRun = EntryData & RunRange;

/** Bytes of an archive and their place in it, valid until the next block but one is asked for. */
export interface Block {
  readonly position: number;
  readonly bytes: Uint8Array;
  /** What is done once the block is written: entries that end in it, bytes of data in it. */
  readonly done: Progress;
}

/**
 * Writes the headers and data of a run of entries to their places and puts their CRCs into `crcs`. One block
 * is written while the next is read.
 */
export async function writeEntries(run: EntryRun, sink: ByteSink, options: WriteOptions = {}): Promise<void> {
  let entries = 0;
  let bytes = 0;
  await writeBehind(blocksOf(run, sink.forwardOnly, options), async (block) => {
    await sink.write(block.position, block.bytes, options);
    entries += block.done.entries;
    bytes += block.done.bytes;
    options.onProgress?.({ entries, bytes });
  });
}

async function* blocksOf(run: EntryRun, forwardOnly: boolean, options: WriteOptions): AsyncGenerator<Block> {
  const isSmall = (index: number): boolean => (run.layout.sizes[index] as number) <= MAX_SMALL;
  for (let from = run.from; from < run.to; ) {
    let to = from;
    while (to < run.to && isSmall(to)) to++;
    if (to > from) yield* smallBlocks({ ...run, from, to }, options);
    else yield* largeBlocks(run, to++, forwardOnly, options);
    from = to;
  }
}
