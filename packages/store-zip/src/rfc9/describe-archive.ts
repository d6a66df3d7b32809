import { formatBytes, formatCount, plural, type ReadOptions } from "@ozx/core";
import {
  type CentralDirectory,
  entryAt,
  MARK_DIRECTORY,
  MARK_OVERLAPS,
  MARK_SHADOWED,
  MARK_ZIP64,
  nameBytesAt,
} from "../directory/central-directory.js";
import { fileOrder } from "../directory/file-order.js";
import type { ZipArchive } from "../read/archive.js";
import { readLocalHeader } from "../read/local-data.js";
import { METHOD_DEFLATE, METHOD_STORED } from "../records/fields.js";
import { LOCAL_HEADER_SIZE } from "../records/local-header.js";
import { type ArchiveComment, parseComment } from "./archive-comment.js";
import { type DirectoryOrder, directoryOrder, locateDocuments } from "./document-order.js";

/** What RFC-9 has a word about, as an archive has it. */
export interface ArchiveDescription {
  /** Bytes of the file. */
  readonly size: number;
  /** Undefined where there is no comment, or it is not JSON. */
  readonly comment: ArchiveComment | undefined;
  readonly entries: { readonly total: number; readonly duplicates: number; readonly directories: number };
  /** In the central directory, which readers go by. */
  readonly order: DirectoryOrder;
  /** In the file, of which RFC-9 says the same; another one where entries were written as they came. */
  readonly orderInFile: DirectoryOrder;
  /** Entries by compression method. */
  readonly methods: { readonly stored: number; readonly deflated: number; readonly other: number };
  readonly zip64: {
    /** ZIP64 end record and locator, with the sentinels in the classic record. */
    readonly end: boolean;
    /** How many central headers have a ZIP64 field in use. */
    readonly central: number;
    /** How many of the local headers that were looked at, evenly spread, have one. */
    readonly local: { readonly looked: number; readonly zip64: number };
  };
  /**
   * Bytes that no reader ever sees: data of shadowed entries, what stands before the archive, and what lies between
   * entries, as an archive that was added to has.
   */
  readonly wasted: number;
}

/** How many local headers are looked at, each of them a read of its own: of a file, and of what is far away. */
const LOCAL_HEADERS = { near: 256, far: 4 };

/** Describes an archive from its directory and a sample of its local headers. */
export async function describeArchive(
  archive: ZipArchive,
  options?: ReadOptions,
): Promise<ArchiveDescription> {
  const { directory, end, source } = archive;
  const counts = countEntries(directory);
  const { inDirectory: listed, inFile: placed } = locateDocuments(
    directory,
    fileOrder(directory.headerOffsets),
  );
  return {
    size: source.size,
    comment: parseComment(end.comment),
    entries: {
      total: directory.count,
      duplicates: counts.shadowed,
      directories: counts.directories,
    },
    order: directoryOrder(listed),
    orderInFile: directoryOrder(placed),
    methods: counts.methods,
    zip64: {
      end: end.zip64?.sentinels === true,
      central: counts.zip64,
      local: await sampleLocalHeaders(archive, options),
    },
    wasted: counts.shadowedBytes + end.shift + bytesBetween(archive),
  };
}

function countEntries({ count, marks, methods, compressedSizes }: CentralDirectory) {
  const counts = { shadowed: 0, directories: 0, zip64: 0, shadowedBytes: 0 };
  const byMethod = { stored: 0, deflated: 0, other: 0 };
  for (let index = 0; index < count; index++) {
    const mark = marks[index] as number;
    if ((mark & MARK_DIRECTORY) !== 0) counts.directories++;
    if ((mark & MARK_ZIP64) !== 0) counts.zip64++;
    if ((mark & MARK_SHADOWED) !== 0) {
      counts.shadowed++;
      counts.shadowedBytes += compressedSizes[index] as number;
    }
    const method = methods[index];
    if (method === METHOD_STORED) byMethod.stored++;
    else if (method === METHOD_DEFLATE) byMethod.deflated++;
    else byMethod.other++;
  }
  return { ...counts, methods: byMethod };
}

/** More bytes than extra field and data descriptor of an entry take together, whoever has written it. */
const LARGEST_EXTRA = 256;

/** Bytes in gaps between entries that are too large to be part of them. */
function bytesBetween({ directory, end }: ZipArchive): number {
  const { headerOffsets, compressedSizes } = directory;
  let between = 0;
  let last = end.shift;
  const close = (next: number): void => {
    if (next - last > LARGEST_EXTRA) between += next - last;
  };
  for (const index of fileOrder(headerOffsets)) {
    const start = headerOffsets[index] as number;
    close(start);
    const length = LOCAL_HEADER_SIZE + nameBytesAt(directory, index).length;
    last = Math.max(last, start + length + (compressedSizes[index] as number));
  }
  close(end.directoryOffset);
  return between;
}

async function sampleLocalHeaders(
  archive: ZipArchive,
  options?: ReadOptions,
): Promise<{ looked: number; zip64: number }> {
  const { count, marks } = archive.directory;
  const candidates = Math.min(count, LOCAL_HEADERS[archive.source.readSync ? "near" : "far"]);
  const indices = Array.from({ length: candidates }, (_, k) => Math.floor((k * count) / candidates)).filter(
    (index) => ((marks[index] as number) & MARK_OVERLAPS) === 0,
  );
  const headers = await Promise.all(
    indices.map((index) => readLocalHeader(archive, entryAt(archive.directory, index), options)),
  );
  return { looked: headers.length, zip64: headers.filter((header) => header.zip64).length };
}

/** A label, and what there is to say about it. */
export type SummaryRow = readonly [label: string, text: string];

/**
 * What RFC-9 has a word about, for people.
 *
 * @param version that of the image, which the comment should repeat
 */
export function summarizeArchive(archive: ArchiveDescription, version: string | undefined): SummaryRow[] {
  const { entries, order, size, wasted } = archive;
  return [
    ["Comment", describeComment(archive, version)],
    ["jsonFirst", describeJsonFirst(archive)],
    [
      "Entries",
      `${formatCount(entries.total)} (${formatCount(order.documents)} zarr.json, ${plural(entries.duplicates, "duplicate name")}, ${plural(entries.directories, "folder entry", "folder entries")})`,
    ],
    ["Order", describeOrder(archive)],
    ["Methods", describeMethods(archive)],
    ["ZIP64", describeZip64(archive)],
    ["Size", `${formatBytes(size)} on disk${wasted > 0 ? `, ${formatBytes(wasted)} of it never read` : ""}`],
  ];
}

function describeComment({ comment }: ArchiveDescription, version: string | undefined): string {
  if (comment === undefined) return "none, or not JSON";
  if (comment.version === undefined) return "JSON, without ome.version";
  const same = version === undefined || comment.version === version;
  return `OME-Zarr ${comment.version}${same ? "" : `, but the image is ${version}`}`;
}

function describeJsonFirst({ comment, order }: ArchiveDescription): string {
  if (comment?.jsonFirst === true) return order.jsonFirst ? "claimed, and true" : "claimed, but not true";
  return order.jsonFirst && order.breadthFirst ? "not claimed, though it is so" : "not claimed";
}

function describeOrder({ order, orderInFile }: ArchiveDescription): string {
  const [listed, placed] = [orderInWords(order), orderInWords(orderInFile)];
  return listed === placed ? listed : `${listed}; but in the file ${placed}`;
}

function orderInWords(order: DirectoryOrder): string {
  return [
    order.rootFirst ? "root zarr.json first" : "root zarr.json not first",
    order.documentsFirst ? "all zarr.json before other entries" : "zarr.json after other entries",
    order.breadthFirst ? "breadth-first" : "not breadth-first",
  ].join(", ");
}

function describeMethods({ methods }: ArchiveDescription): string {
  const parts = (["stored", "deflated", "other"] as const)
    .filter((name) => methods[name] > 0)
    .map((name) => `${formatCount(methods[name])} ${name}`);
  return parts.join(", ") || "no entries";
}

function describeZip64({ entries, zip64 }: ArchiveDescription): string {
  const { looked, zip64: found } = zip64.local;
  const sample = looked < entries.total ? ` looked at (of ${formatCount(entries.total)})` : "";
  return [
    `local headers ${formatCount(found)} of ${formatCount(looked)}${sample}`,
    `central directory ${formatCount(zip64.central)} of ${formatCount(entries.total)}`,
    `end record ${zip64.end ? "yes" : "no"}`,
  ].join(", ");
}
