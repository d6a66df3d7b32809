import { concatenate } from "@ozx/core";
import { MARK_DIRECTORY, MARK_SHADOWED } from "../directory/central-directory.js";
import { CENTRAL_HEADER_SIZE } from "../records/central-header.js";
import { parseExtraField } from "../records/extra-field.js";
import { SENTINEL_32, viewOf } from "../records/fields.js";
import { VERSION_ZIP64 } from "../records/flags.js";
import { CENTRAL_ZIP64_EXTRA_SIZE, writeZip64Extra, ZIP64_EXTRA_ID } from "../records/zip64-extra.js";
import { compareDocuments } from "../rfc9/document-order.js";
import type { ArchiveFacts } from "../rules/facts.js";
import { rawComment, rawExtra, rawName } from "../rules/survey-central.js";

/** The entries that a mended directory lists, in its order: `zarr.json` first and breadth-first, the others as they were. */
export function mendedOrder({ archive: { directory }, documents }: ArchiveFacts): number[] {
  const { marks, sizes, count } = directory;
  const isLeftOut = (index: number): boolean => {
    const mark = marks[index] as number;
    return (mark & MARK_SHADOWED) !== 0 || ((mark & MARK_DIRECTORY) !== 0 && sizes[index] === 0);
  };
  const first = documents.listed.filter(({ index }) => !isLeftOut(index));
  first.sort((a, b) => compareDocuments(a.name, b.name));
  const isDocument = new Set(first.map(({ index }) => index));
  const order = first.map(({ index }) => index);
  for (let index = 0; index < count; index++)
    if (!isDocument.has(index) && !isLeftOut(index)) order.push(index);
  return order;
}

/**
 * The headers of the given entries as a central directory, with ZIP64 fields in all of them (pattern "everywhere").
 * What else they say, dates and extra fields and comments of other programs, stays.
 */
export function mendedDirectory(facts: ArchiveFacts, order: readonly number[]): Uint8Array {
  const extras = new Map<number, Uint8Array>();
  let size = 0;
  for (const index of order) {
    const extra = otherBlocks(rawExtra(facts.central, index));
    if (extra.length > 0) extras.set(index, extra);
    const [name, comment] = [rawName(facts.central, index), rawComment(facts.central, index)];
    size += CENTRAL_HEADER_SIZE + name.length + CENTRAL_ZIP64_EXTRA_SIZE + extra.length + comment.length;
  }
  const bytes = new Uint8Array(size);
  const view = viewOf(bytes);
  let at = 0;
  for (const index of order) at = writeMended(facts, index, extras.get(index) ?? NOTHING, bytes, view, at);
  return bytes;
}

function writeMended(
  { archive: { directory }, central }: ArchiveFacts,
  index: number,
  extra: Uint8Array,
  bytes: Uint8Array,
  view: DataView,
  at: number,
): number {
  const start = central.starts[index] as number;
  const name = rawName(central, index);
  const comment = rawComment(central, index);
  bytes.set(central.bytes.subarray(start, start + CENTRAL_HEADER_SIZE), at);
  view.setUint16(at + 6, Math.max(VERSION_ZIP64, view.getUint16(at + 6, true)), true);
  view.setUint32(at + 20, SENTINEL_32, true);
  view.setUint32(at + 24, SENTINEL_32, true);
  view.setUint16(at + 30, CENTRAL_ZIP64_EXTRA_SIZE + extra.length, true);
  view.setUint16(at + 34, 0, true);
  view.setUint32(at + 42, SENTINEL_32, true);
  bytes.set(name, at + CENTRAL_HEADER_SIZE);
  let next = writeZip64Extra(view, at + CENTRAL_HEADER_SIZE + name.length, [
    directory.sizes[index] as number,
    directory.compressedSizes[index] as number,
    directory.headerOffsets[index] as number,
  ]);
  bytes.set(extra, next);
  next += extra.length;
  bytes.set(comment, next);
  return next + comment.length;
}

/** An extra field without its ZIP64 blocks and padding; nothing where there would be no room for ours. */
function otherBlocks(extra: Uint8Array): Uint8Array {
  const blocks: Uint8Array[] = [];
  for (const { id, data } of parseExtraField(extra)) {
    if (id !== ZIP64_EXTRA_ID)
      blocks.push(
        extra.subarray(
          data.byteOffset - extra.byteOffset - 4,
          data.byteOffset - extra.byteOffset + data.length,
        ),
      );
  }
  const size = blocks.reduce((sum, block) => sum + block.length, 0);
  if (size === 0 || size + CENTRAL_ZIP64_EXTRA_SIZE > 0xffff) return NOTHING;
  return concatenate(blocks);
}

const NOTHING = new Uint8Array(0);
