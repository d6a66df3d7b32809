import { type ByteSource, type JsonObject, type ReadOptions, UnsupportedError } from "@ozx/core";
import { concatBytes, isJsonObject } from "@ozx/core/container";
import { MARK_DIRECTORY, MARK_SHADOWED } from "../directory/central-directory.js";
import { CENTRAL_HEADER_SIZE } from "../records/central-header.js";
import { END_RECORDS_SIZE } from "../records/end-records.js";
import {
  CENTRAL_ZIP64_EXTRA_SIZE,
  parseExtraField,
  writeZip64Extra,
  ZIP64_EXTRA_ID,
} from "../records/extra-fields.js";
import { SENTINEL_32, VERSION_ZIP64, viewOf } from "../records/fields.js";
import { formatComment } from "../rfc9/archive-comment.js";
import { compareDocuments } from "../rfc9/document-order.js";
import { commentClaims, LONGEST_COMMENT } from "../rules/comment-rules.js";
import { omeVersionAt } from "../rules/hierarchy-rules.js";
import type { CheckContext } from "../rules/scan-archive.js";
import { rawComment, rawExtra, rawName } from "../rules/scan-central.js";
import { startsWithCentralHeader } from "../rules/structure-rules.js";
import {
  endWith,
  type LocatedDirectory,
  moveDirectory,
  type TailFile,
  truncateTo,
} from "./move-directory.js";
import { contextForRepair } from "./plan-repair.js";

/** What became of a file. */
export interface RepairedTail {
  /** Bytes of the file now. */
  readonly size: number;
  /** Bytes of data in it that its directory no longer lists. */
  readonly wasted: number;
}

/**
 * Mends all that can be mended by writing the end of an archive again (the steps of `planFix` that say `tail`):
 * the order of the central directory, its ZIP64 fields, duplicates and folders in it, the end records and the
 * comment. No entry's data or local header is touched. `source` is not to be used afterwards.
 *
 * The old directory is moved out of the way, the new one takes its place, and the file is cut behind it: see
 * `moveDirectory` for why the file is a valid archive at every moment. Nothing stays behind; what a crash leaves behind
 * the next `fixTail` takes away.
 *
 * @throws InvalidArchiveError, UnsupportedError when the archive cannot be mended; nothing was written then
 */
export async function repairTail(
  source: ByteSource,
  file: TailFile,
  options?: ReadOptions,
): Promise<RepairedTail> {
  const context = await contextForRepair(source, options);
  refusePrefix(context, "write it into a new file");
  const { size } = await writeRepairedTail(context, file);
  return { size, wasted: wastedBytes(context, repairedOrder(context)) };
}

/** @throws UnsupportedError where offsets are not those of the file */
export function refusePrefix({ source: { name }, archive }: CheckContext, wayOut: string): void {
  const { shift } = archive.end;
  if (shift === 0) return;
  throw new UnsupportedError(`${name} has ${shift} bytes before its start: ${wayOut}`, {
    location: name,
    feature: "bytes before the archive",
  });
}

/** Writes the directory again, right behind the data; what was there of an interrupted run is gone then. */
export async function writeRepairedTail(
  context: CheckContext,
  file: TailFile,
): Promise<{ readonly directory: LocatedDirectory; readonly size: number }> {
  const order = repairedOrder(context);
  const bytes = repairedDirectory(context, order);
  const comment = repairedComment(context);
  const directory = { bytes, entries: order.length, offset: await tailStart(context) };
  const end = directory.offset + bytes.length + END_RECORDS_SIZE + comment.length;
  context.options.signal?.throwIfAborted();
  const size = context.source.size + context.trailing;
  try {
    await moveDirectory(file, directoryOf(context), Math.max(size, end));
  } catch (error) {
    // As on a full disk: what was there is as it was.
    await truncateTo(file, size);
    throw error;
  }
  return { directory, size: await endWith(file, directory, comment) };
}

/** The directory as it is. */
export function directoryOf({ archive, central: { bytes } }: CheckContext): LocatedDirectory {
  return { bytes, entries: archive.directory.count, offset: archive.end.directoryOffset };
}

/** Whether an interrupted run has left something between data, directory and end. */
export async function isUnfinished(context: CheckContext): Promise<boolean> {
  const { gap, directoryOffset } = context.archive.end;
  return gap > 0 || (await tailStart(context)) < directoryOffset;
}

/** Where the directory starts; an older one before it, of a run that was interrupted, is written over. */
async function tailStart({ archive, local, options }: CheckContext): Promise<number> {
  const { directoryOffset } = archive.end;
  let dataEnd = 0;
  for (const end of local.ends) dataEnd = Number.isNaN(end) ? directoryOffset : Math.max(dataEnd, end);
  const isOld = await startsWithCentralHeader(archive.source, dataEnd, directoryOffset, options);
  return isOld ? dataEnd : directoryOffset;
}

function wastedBytes({ archive: { directory }, local }: CheckContext, order: readonly number[]): number {
  const listed = new Set(order);
  let wasted = 0;
  for (let index = 0; index < directory.count; index++) {
    const end = local.ends[index] as number;
    if (!listed.has(index) && !Number.isNaN(end)) wasted += end - (directory.headerOffsets[index] as number);
  }
  return wasted;
}

/** The entries that a mended directory lists, in its order: `zarr.json` first and breadth-first, the others as they were. */
export function repairedOrder({ archive: { directory }, documents }: CheckContext): number[] {
  const { marks, sizes, count } = directory;
  const isLeftOut = (index: number): boolean => {
    const mark = marks[index] as number;
    return (mark & MARK_SHADOWED) !== 0 || ((mark & MARK_DIRECTORY) !== 0 && sizes[index] === 0);
  };
  const first = documents.inDirectory.filter(({ index }) => !isLeftOut(index));
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
export function repairedDirectory(context: CheckContext, order: readonly number[]): Uint8Array {
  const extras = new Map<number, Uint8Array>();
  let size = 0;
  for (const index of order) {
    const extra = otherBlocks(rawExtra(context.central, index));
    if (extra.length > 0) extras.set(index, extra);
    const [name, comment] = [rawName(context.central, index), rawComment(context.central, index)];
    size += CENTRAL_HEADER_SIZE + name.length + CENTRAL_ZIP64_EXTRA_SIZE + extra.length + comment.length;
  }
  const bytes = new Uint8Array(size);
  const view = viewOf(bytes);
  let at = 0;
  for (const index of order)
    at = writeRepairedHeader(context, index, extras.get(index) ?? NOTHING, bytes, view, at);
  return bytes;
}

function writeRepairedHeader(
  { archive: { directory }, central }: CheckContext,
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
  return concatBytes(blocks);
}

const NOTHING = new Uint8Array(0);

/**
 * The comment as it should be, once the directory is in RFC-9's order: what it has to say about the archive is made
 * true, and what other programs have put there stays. The bytes stay as they are where nothing is wrong with them,
 * or where the image does not say which version it is.
 */
export function repairedComment({ comment, hierarchy, archive }: CheckContext): Uint8Array {
  const root = hierarchy.nodes.get("/");
  const version = root && omeVersionAt(root);
  const old = archive.end.comment.slice();
  if (version === undefined) return old;
  const claims = commentClaims(comment);
  const isFine =
    !comment.inSector &&
    comment.text.tolerated.length === 0 &&
    claims.version === version &&
    claims.jsonFirst === true &&
    old.length <= LONGEST_COMMENT;
  if (isFine) return old;
  const text = isJsonObject(comment.text.value) ? comment.text.value : {};
  const ome = comment.ome ?? {};
  const zipFile = objectIn(ome, "zipFile");
  const mended = {
    ...text,
    ome: {
      ...ome,
      version,
      zipFile: {
        ...zipFile,
        centralDirectory: { ...objectIn(zipFile, "centralDirectory"), jsonFirst: true },
      },
    },
  };
  const bytes = new TextEncoder().encode(JSON.stringify(mended));
  return bytes.length <= LONGEST_COMMENT ? bytes : formatComment(version);
}

function objectIn(parent: JsonObject, name: string): JsonObject {
  const value = parent[name];
  return isJsonObject(value) ? value : {};
}
