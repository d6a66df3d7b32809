import { type ByteSink, concatBytes, type ReadOptions, UsageError, type WriteOptions } from "@ozx/core";
import { crc32 } from "../crc32/crc32.js";
import { flagsFor } from "../directory/central-directory.js";
import {
  type LocatedEntry,
  writeCentralHeader,
  writtenCentralHeaderSize,
} from "../records/central-header.js";
import { endRecords } from "../records/end-records.js";
import { viewOf } from "../records/fields.js";
import { localHeaderBytes, writtenLocalHeaderSize } from "../records/local-header.js";
import { refuseLongComment, storedEntryAt, type ZipLayout } from "./layout.js";
import { createEntryColumns, type EntryColumns, type NameOrder } from "./written-entries.js";

/** An archive whose entries are not known beforehand. */
export interface GrowingArchive {
  /**
   * Appends a stored entry. Calls may overlap: entries lie in the order of the calls.
   *
   * @param name in the archive, without a slash at its start
   * @param data the whole of it, or blocks, each valid until the next is asked for
   * @throws RangeError for a name that stands twice or that ZIP has no room for
   */
  add(name: string, data: Uint8Array | AsyncIterable<Uint8Array>, options?: ReadOptions): Promise<void>;
  /** Hands all that was added to the sink, and says where the next entry would go. */
  flush(options?: ReadOptions): Promise<number>;
  /** Up to where all is in the sink. */
  written(): number;
  /**
   * Writes the central directory and the end records, but does not commit the sink.
   *
   * @param order puts the names of all entries into the order of the directory
   */
  end(order: NameOrder, comment: Uint8Array, options?: ReadOptions): Promise<void>;
  /**
   * To be called before the sink is discarded: makes all calls fail that have not begun yet or come later, and waits
   * for the one that is under way. Never throws.
   */
  stop(): Promise<void>;
}

/**
 * An archive that grows in a sink, ZIP64 records everywhere as in one that is laid out beforehand. Where the
 * sink can go back, the header of data that come in blocks is written after them; elsewhere such data are
 * gathered in memory first. When a call fails the archive cannot be gone on with, and all later calls fail too.
 *
 * @param written entries that are in the sink already, from its start to `position`
 */
export function growingArchive(
  sink: ByteSink,
  written: { readonly columns: EntryColumns; readonly position: number } = {
    columns: createEntryColumns(),
    position: 0,
  },
): GrowingArchive {
  const { columns } = written;
  const buffer = createSinkBuffer(sink, written.position);
  const encoder = new TextEncoder();
  let last: Promise<void> = Promise.resolve();
  let stopped = false;
  const refuseStopped = (): void => {
    if (stopped) throw new UsageError(`${sink.name} was discarded: nothing can be added to it any more`);
  };

  /** Runs one call after the other, and none after one that failed. */
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const done = last.then(() => {
      refuseStopped();
      return work();
    });
    last = done;
    done.catch(() => {});
    return done;
  };

  const headerOf = (name: Uint8Array, size: number, crc: number): Uint8Array =>
    localHeaderBytes({ name, flags: flagsFor(name), size, crc });

  const appendWhole = async (name: string, data: Uint8Array, options?: ReadOptions): Promise<void> => {
    const crc = crc32(data);
    const headerOffset = buffer.position();
    await buffer.append(headerOf(encoder.encode(name), data.length, crc), options);
    await buffer.append(data, options);
    columns.add(name, { size: data.length, crc, headerOffset });
  };

  const appendBlocks = async (
    name: string,
    blocks: AsyncIterable<Uint8Array>,
    options?: ReadOptions,
  ): Promise<void> => {
    const encoded = encoder.encode(name);
    const headerOffset = buffer.position();
    await buffer.append(new Uint8Array(writtenLocalHeaderSize(encoded.length)), options);
    let size = 0;
    let crc = 0;
    for await (const block of blocks) {
      options?.signal?.throwIfAborted();
      refuseStopped();
      crc = crc32(block, crc);
      size += block.length;
      await buffer.append(block, options);
    }
    await buffer.flush(options);
    await sink.write(headerOffset, headerOf(encoded, size, crc), options);
    columns.add(name, { size, crc, headerOffset });
  };

  return {
    add: (name, data, options) =>
      inTurn(async () => {
        options?.signal?.throwIfAborted();
        columns.refuse(name);
        if (data instanceof Uint8Array) return appendWhole(name, data, options);
        if (!sink.forwardOnly) return appendBlocks(name, data, options);
        return appendWhole(name, await gatherBlocks(data, options), options);
      }),
    async flush(options) {
      await inTurn(() => buffer.flush(options));
      return buffer.position();
    },
    written: () => buffer.written(),
    end: (order, comment, options) =>
      inTurn(async () => {
        await buffer.flush(options);
        refuseLongComment(comment);
        const names = order(columns.names());
        const entryAt = (index: number): LocatedEntry => columns.entry(names[index] as string);
        const directoryOffset = buffer.position();
        await writeDirectory({ count: names.length, entryAt, directoryOffset, comment }, sink, options);
      }),
    async stop() {
      stopped = true;
      await last.catch(() => {});
    },
  };
}

/** How much of the central directory is put together before it is written. */
const BATCH = 1024 * 1024;

/** A central directory that is to be written. */
export interface DirectoryInput {
  readonly count: number;
  /** The entries, in the directory's order. */
  readonly entryAt: (index: number) => LocatedEntry;
  readonly directoryOffset: number;
  /** Of the archive, behind the directory. */
  readonly comment: Uint8Array;
}

/** The directory of an archive that was laid out, once all CRCs are known. */
export function laidOutDirectory(layout: ZipLayout, crcs: Uint32Array): DirectoryInput {
  return { ...layout, entryAt: (index) => storedEntryAt(layout, index, crcs[index] as number) };
}

/** Writes the central directory and the end records. */
export async function writeDirectory(
  { count, entryAt, directoryOffset, comment }: DirectoryInput,
  sink: ByteSink,
  options?: WriteOptions,
): Promise<void> {
  let position = directoryOffset;
  for (let index = 0; index < count; ) {
    const entries: LocatedEntry[] = [];
    let size = 0;
    for (; index < count && size < BATCH; index++) {
      const entry = entryAt(index);
      entries.push(entry);
      size += writtenCentralHeaderSize(entry.name.length);
    }
    const bytes = new Uint8Array(size);
    const view = viewOf(bytes);
    let at = 0;
    for (const entry of entries) at = writeCentralHeader(view, at, entry);
    await sink.write(position, bytes, options);
    position += size;
  }
  const extent = { entries: count, directorySize: position - directoryOffset, directoryOffset };
  await sink.write(position, endRecords(extent, position, comment), options);
}

/** What is appended is written once it comes to this much. */
const BUFFER_SIZE = 1024 * 1024;

/** Appends to a sink in large writes. One call at a time. */
export interface SinkBuffer {
  /** Where the next bytes go. */
  position(): number;
  /** Up to where all is in the sink. */
  written(): number;
  /** The bytes are the caller's own again once this has returned. */
  append(bytes: Uint8Array, options?: ReadOptions): Promise<void>;
  flush(options?: ReadOptions): Promise<void>;
}

export function createSinkBuffer(sink: ByteSink, start: number): SinkBuffer {
  const buffer = new Uint8Array(BUFFER_SIZE);
  let written = start;
  let used = 0;
  const flush = async (options?: ReadOptions): Promise<void> => {
    if (used === 0) return;
    await sink.write(written, buffer.subarray(0, used), options);
    written += used;
    used = 0;
  };
  return {
    position: () => written + used,
    written: () => written,
    async append(bytes, options) {
      if (used + bytes.length > BUFFER_SIZE) await flush(options);
      if (bytes.length >= BUFFER_SIZE) {
        await sink.write(written, bytes, options);
        written += bytes.length;
        return;
      }
      buffer.set(bytes, used);
      used += bytes.length;
    },
    flush,
  };
}

/** Blocks, each of which is valid until the next is asked for, as one. */
export async function gatherBlocks(
  blocks: AsyncIterable<Uint8Array>,
  options?: ReadOptions,
): Promise<Uint8Array> {
  const kept: Uint8Array[] = [];
  for await (const block of blocks) {
    options?.signal?.throwIfAborted();
    kept.push(block.slice());
  }
  return concatBytes(kept);
}
