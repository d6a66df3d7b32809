import type { Progress } from "@ozx/core/container";
import { crc32 } from "../crc32/crc32.js";
import { viewOf } from "../records/fields.js";
import { writeLocalHeader, writtenLocalHeaderSize } from "../records/local-header.js";
import { nameLengthAt, storedEntryAt, type ZipLayout } from "./layout.js";

/** Bytes of an archive and their position, valid until the next block but one is requested. */
export interface Block {
  readonly position: number;
  readonly bytes: Uint8Array;
  /** The entries that end in the block, and the bytes of data in it. */
  readonly done: Progress;
}

/** Two buffers that take turns, each of which is allocated when it is used. */
export interface BufferPair {
  /** The one that is filled next. */
  current?: Uint8Array | undefined;
  /** The one that may be in use. */
  other?: Uint8Array | undefined;
}

/** Entries up to this size are gathered into blocks. */
export const MAX_SMALL = 1024 * 1024;
/** A block of at least this size is written. */
const FULL_BLOCK = 1024 * 1024;
/** Space for the longest header, the largest small entry and a spare byte after a block that is almost full. */
const BUFFER_SIZE = FULL_BLOCK + 0x2_0000 + MAX_SMALL;

/** Puts headers and data of neighbouring entries together, as they are in the archive. */
export interface Gatherer {
  /**
   * Adds the next entry: its header, then its data.
   *
   * @param fill copies the data into a target that has one byte more, which shows an entry that has grown. Where it returns
   *   false, nothing is added
   * @returns what `fill` does
   */
  add(index: number, fill: (target: Uint8Array) => boolean): boolean;
  isFull(): boolean;
  /** Whether nothing was added since the last call of `take`, so that there is no position to write at. */
  isEmpty(): boolean;
  /** What was gathered since the last call. */
  take(): Block;
}

export interface GathererOptions {
  readonly layout: ZipLayout;
  /** One element for each entry of the layout: those of the entries that are added are set. */
  readonly crcs: Uint32Array;
  readonly buffers: BufferPair;
}

/** Gathers in the two buffers of a run in turn, because one block is written while the next is gathered. */
export function createGatherer({ layout, crcs, buffers }: GathererOptions): Gatherer {
  const current = (): Uint8Array => {
    buffers.current ??= new Uint8Array(BUFFER_SIZE);
    return buffers.current;
  };
  let buffer = current();
  let view = viewOf(buffer);
  let position = 0;
  let used = 0;
  let entries = 0;
  let bytes = 0;
  return {
    add(index, fill) {
      const size = layout.sizes[index] as number;
      const start = used + writtenLocalHeaderSize(nameLengthAt(layout, index));
      const end = start + size;
      if (!fill(buffer.subarray(start, end + 1))) return false;
      if (used === 0) position = layout.headerOffsets[index] as number;
      const crc = crc32(buffer.subarray(start, end));
      crcs[index] = crc;
      writeLocalHeader(view, used, storedEntryAt(layout, index, crc));
      used = end;
      entries++;
      bytes += size;
      return true;
    },
    isFull: () => used >= FULL_BLOCK,
    isEmpty: () => used === 0,
    take() {
      const block = { position, bytes: buffer.subarray(0, used), done: { entries, bytes } };
      [buffers.current, buffers.other] = [buffers.other, buffer];
      buffer = current();
      view = viewOf(buffer);
      used = entries = bytes = 0;
      return block;
    },
  };
}
