import { type ByteSource, type ReadOptions, UnsupportedError } from "@ozx/core";
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
import {
  commentClaims,
  formatComment,
  misplacedJsonFirst,
  objectIn,
  withoutMisplaced,
} from "../rfc9/archive-comment.js";
import { compareDocuments } from "../rfc9/document-order.js";
import { LONGEST_COMMENT } from "../rules/comment-rules.js";
import { rootOmeVersion } from "../rules/hierarchy-rules.js";
import type { CheckContext } from "../rules/scan-archive.js";
import { rawComment, rawExtra, rawName } from "../rules/scan-central.js";
import { startsWithCentralHeader } from "../rules/structure-rules.js";
import {
  endWith,
  isMovedDirectory,
  type LocatedDirectory,
  moveDirectory,
  type TailFile,
  truncateTo,
} from "./move-directory.js";
import { contextForRepair } from "./plan-repair.js";

/** The result of {@link repairTail}. */
export interface RepairedTail {
  /** Bytes of the repaired file. */
  readonly size: number;
  /** Bytes of data in it that its directory no longer lists. */
  readonly wasted: number;
}

/**
 * Repairs everything that can be repaired by rewriting the end of an archive, which is the steps of `planRepair` with
 * `moves: "tail"`: the order of the central directory, its ZIP64 fields, duplicates and folders in it, the end records
 * and the comment. Data and local headers are not changed. Do not use `source` afterwards.
 *
 * The old directory is moved out of the way, the new one takes its place, and the file is truncated after it. The file
 * is a valid archive whenever the process is killed (see `moveDirectory`, also for a power cut), and the next call removes
 * what a crash leaves behind.
 *
 * @param source the bytes of `file`
 * @throws InvalidArchiveError, UnsupportedError when the archive cannot be repaired; nothing was written then
 * @throws SourceChangedError when the file was changed after `source` was opened; nothing was written then
 * @throws what `file` throws; the archive is unchanged then, or already repaired
 */
export async function repairTail(
  source: ByteSource,
  file: TailFile,
  options?: ReadOptions,
): Promise<RepairedTail> {
  const context = await contextForRepair(source, options);
  refusePrefix(context, "write it into a new file");
  source.checkUnchanged?.();
  const { size } = await writeRepairedTail(context, file);
  return { size, wasted: wastedBytes(context, repairedOrder(context)) };
}

/**
 * @param hint what to do about it
 * @throws UnsupportedError where bytes precede the archive, so that its offsets are not those of the file
 */
export function refusePrefix({ source: { name }, archive }: CheckContext, hint: string): void {
  const { shift } = archive.end;
  if (shift === 0) return;
  throw new UnsupportedError(`${name} has ${shift} bytes before its start: ${hint}`, {
    location: name,
    feature: "bytes before the archive",
  });
}

/** Rewrites the directory, directly after the data; this removes what an interrupted repair has left. */
export async function writeRepairedTail(
  context: CheckContext,
  file: TailFile,
): Promise<{ readonly directory: LocatedDirectory; readonly size: number; readonly end: Uint8Array }> {
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
    // For example on a full disk. Nothing before the old end was overwritten.
    await truncateTo(file, size);
    throw error;
  }
  return { directory, ...(await endWith(file, directory, comment)) };
}

/** The current directory. */
export function directoryOf({ archive, central: { bytes } }: CheckContext): LocatedDirectory {
  return { bytes, entries: archive.directory.count, offset: archive.end.directoryOffset };
}

/** Whether an interrupted repair has left bytes between data, directory and end. */
export async function isUnfinished(context: CheckContext): Promise<boolean> {
  const { gap, directoryOffset } = context.archive.end;
  return gap > 0 || (await tailStart(context)) < directoryOffset;
}

/** Where the new directory starts; it overwrites an older one that an interrupted repair has left. */
async function tailStart({ archive, local, options }: CheckContext): Promise<number> {
  const { directoryOffset } = archive.end;
  let dataEnd = 0;
  for (const end of local.ends) dataEnd = Number.isNaN(end) ? directoryOffset : Math.max(dataEnd, end);
  const isOld =
    isMovedDirectory(archive.end) ||
    (await startsWithCentralHeader(archive.source, dataEnd, directoryOffset, options));
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

/** The entries of the repaired directory, in its order: `zarr.json` first and breadth-first, the others as they were. */
export function repairedOrder({ archive: { directory }, documents }: CheckContext): number[] {
  const { marks, sizes, count } = directory;
  const isOmitted = (index: number): boolean => {
    const mark = marks[index] as number;
    return (mark & MARK_SHADOWED) !== 0 || ((mark & MARK_DIRECTORY) !== 0 && sizes[index] === 0);
  };
  const first = documents.inDirectory.filter(({ index }) => !isOmitted(index));
  first.sort((a, b) => compareDocuments(a.name, b.name));
  const isDocument = new Set(first.map(({ index }) => index));
  const order = first.map(({ index }) => index);
  for (let index = 0; index < count; index++)
    if (!isDocument.has(index) && !isOmitted(index)) order.push(index);
  return order;
}

/**
 * The headers of entries as a central directory, with ZIP64 fields in all of them. Dates, comments and extra fields of
 * other programs are kept.
 *
 * @param order the indices of the entries
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
  const target: HeaderTarget = { bytes, view: viewOf(bytes), at: 0 };
  for (const index of order) writeRepairedHeader(context, index, extras.get(index) ?? NOTHING, target);
  return bytes;
}

/** Where the next header is written. */
interface HeaderTarget {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  at: number;
}

function writeRepairedHeader(
  { archive: { directory }, central }: CheckContext,
  index: number,
  extra: Uint8Array,
  target: HeaderTarget,
): void {
  const { bytes, view, at } = target;
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
  const extraStart = writeZip64Extra(view, at + CENTRAL_HEADER_SIZE + name.length, [
    directory.sizes[index] as number,
    directory.compressedSizes[index] as number,
    directory.headerOffsets[index] as number,
  ]);
  bytes.set(extra, extraStart);
  bytes.set(comment, extraStart + extra.length);
  target.at = extraStart + extra.length + comment.length;
}

/** An extra field without its ZIP64 blocks and padding; empty where our ZIP64 block would not fit. */
function otherBlocks(extra: Uint8Array): Uint8Array {
  const blocks: Uint8Array[] = [];
  for (const { id, data } of parseExtraField(extra)) {
    const start = data.byteOffset - extra.byteOffset;
    if (id !== ZIP64_EXTRA_ID) blocks.push(extra.subarray(start - 4, start + data.length));
  }
  const size = blocks.reduce((sum, block) => sum + block.length, 0);
  if (size === 0 || size + CENTRAL_ZIP64_EXTRA_SIZE > 0xffff) return NOTHING;
  return concatBytes(blocks);
}

const NOTHING = new Uint8Array(0);

/**
 * The comment of the repaired archive, whose directory is in RFC-9's order: its version and `jsonFirst` are correct, and
 * members of other programs are kept. It is unchanged where it has no errors, or the image has no version.
 */
export function repairedComment({ comment, hierarchy, archive }: CheckContext): Uint8Array {
  const version = rootOmeVersion(hierarchy);
  const old = isMovedDirectory(archive.end) ? NOTHING : archive.end.comment.slice();
  if (version === undefined) return old;
  const claims = commentClaims(comment.ome);
  const isCorrect =
    !comment.inSector &&
    comment.text.tolerated.length === 0 &&
    claims.version === version &&
    claims.jsonFirst === true &&
    misplacedJsonFirst(comment.text.value).length === 0 &&
    old.length <= LONGEST_COMMENT;
  if (isCorrect) return old;
  const text = isJsonObject(comment.text.value) ? withoutMisplaced(comment.text.value) : {};
  const ome = objectIn(text, "ome") ?? {};
  const zipFile = objectIn(ome, "zipFile");
  const repaired = {
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
  const bytes = new TextEncoder().encode(JSON.stringify(repaired));
  return bytes.length <= LONGEST_COMMENT ? bytes : formatComment(version);
}
