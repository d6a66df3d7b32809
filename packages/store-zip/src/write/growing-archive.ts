import { type ReadOptions, UsageError } from "@ozx/core";
import { type ByteSink, concatBytes, type WriteOptions } from "@ozx/core/container";
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

/** An archive that is written entry by entry, without knowing them in advance. */
export interface GrowingArchive {
  /**
   * Appends a stored entry. Calls may overlap; entries are in the order of the calls.
   *
   * @param name in the archive, without a slash at its start
   * @param data all of it, or blocks, each valid until the next one is requested
   * @throws RangeError for a duplicate name, or one longer than 65,535 bytes
   */
  add(name: string, data: Uint8Array | AsyncIterable<Uint8Array>, options?: ReadOptions): Promise<void>;
  /** Writes everything that was added to the sink; returns the position of the next entry. */
  flush(options?: ReadOptions): Promise<number>;
  /** The position up to which everything is in the sink. */
  written(): number;
  /**
   * Writes the central directory and the end records, but does not commit the sink.
   *
   * @param order sorts the names of all entries for the directory
   */
  end(order: NameOrder, comment: Uint8Array, options?: ReadOptions): Promise<void>;
  /**
   * Makes pending and later calls fail, and waits for the one that is running. Call it before the sink is discarded. Never
   * throws.
   */
  stop(): Promise<void>;
}

/**
 * An archive that grows in a sink, with the records of one that is laid out first. The header of data that comes in
 * blocks is written after the data; for a forward-only sink the blocks are gathered in memory. Once a call fails, all
 * later calls fail too.
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
    if (stopped) throw new UsageError(`${sink.name} was discarded, so nothing can be added to it`);
  };

  /** Runs calls one after the other, and none after one that failed. */
  const enqueue = (task: () => Promise<void>): Promise<void> => {
    const done = last.then(() => {
      refuseStopped();
      return task();
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
    // Each byte is written once: a part of an upload is sent when all of it is there.
    await buffer.skip(writtenLocalHeaderSize(encoded.length), options);
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
      enqueue(async () => {
        options?.signal?.throwIfAborted();
        columns.refuse(name);
        if (data instanceof Uint8Array) return appendWhole(name, data, options);
        if (!sink.forwardOnly) return appendBlocks(name, data, options);
        return appendWhole(name, await gatherBlocks(data, options), options);
      }),
    async flush(options) {
      await enqueue(() => buffer.flush(options));
      return buffer.position();
    },
    written: () => buffer.written(),
    end: (order, comment, options) =>
      enqueue(async () => {
        await buffer.flush(options);
        refuseLongComment(comment);
        const names = await order(columns.names(), options);
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

/** Bytes of the central directory in one write. */
const BATCH = 1024 * 1024;

/** A central directory to write. */
interface DirectoryInput {
  readonly count: number;
  /** The entries, in the order of the directory. */
  readonly entryAt: (index: number) => LocatedEntry;
  readonly directoryOffset: number;
  /** The archive comment. */
  readonly comment: Uint8Array;
}

/** The directory of a layout, once all CRCs are known. */
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

/** Bytes of one write of appended data. */
const BUFFER_SIZE = 1024 * 1024;

/** Appends to a sink in large writes, one call at a time. */
interface SinkBuffer {
  /** Where the next bytes go. */
  position(): number;
  /** The position up to which everything is in the sink. */
  written(): number;
  /** The memory of `bytes` may be reused afterwards. */
  append(bytes: Uint8Array, options?: ReadOptions): Promise<void>;
  /** Leaves space for bytes that are written later. */
  skip(length: number, options?: ReadOptions): Promise<void>;
  flush(options?: ReadOptions): Promise<void>;
}

function createSinkBuffer(sink: ByteSink, start: number): SinkBuffer {
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
    async skip(length, options) {
      await flush(options);
      written += length;
    },
    flush,
  };
}

/** Joins blocks, each of which is valid until the next one is requested. */
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
