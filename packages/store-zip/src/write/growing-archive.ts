import { type ByteSink, type ReadOptions, UsageError } from "@ozx/core";
import { crc32 } from "../crc32/crc32.js";
import { flagsFor } from "../directory/names.js";
import type { PlacedEntry } from "../records/central-header.js";
import { localHeaderBytes, writtenLocalHeaderSize } from "../records/local-header.js";
import { createEntryColumns, type EntryColumns, type NameOrder } from "./entry-columns.js";
import { gatherBlocks } from "./gather-blocks.js";
import { refuseLongComment } from "./layout.js";
import { createSinkBuffer } from "./sink-buffer.js";
import { writeDirectory } from "./write-directory.js";

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
        const entryAt = (index: number): PlacedEntry => columns.entry(names[index] as string);
        const directoryOffset = buffer.position();
        await writeDirectory({ count: names.length, entryAt, directoryOffset, comment }, sink, options);
      }),
    async stop() {
      stopped = true;
      await last.catch(() => {});
    },
  };
}
