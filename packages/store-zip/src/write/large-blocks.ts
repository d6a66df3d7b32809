import { type EntryInput, sourceChanged, streamEntry, type WriteOptions } from "@ozx/core";
import { crc32 } from "../crc32/crc32.js";
import { localHeaderBytes, writtenLocalHeaderSize } from "../records/local-header.js";
import { nameLengthAt, storedEntryAt } from "./layout.js";
import type { Block, EntryRun } from "./write-entries.js";

/**
 * Header and data of an entry that is too large to be gathered, block by block as they are read. The CRC is
 * known at the end, and the header comes then; a sink that cannot go back gets it from a first pass over the
 * data.
 */
export async function* largeBlocks(
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
