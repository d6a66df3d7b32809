import type { ReadOptions } from "@ozx/core";
import { formatBytes, formatCount, plural } from "@ozx/core/internal";
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

/** The properties of an archive that RFC-9 has rules or recommendations for. */
export interface ArchiveDescription {
  /** Bytes of the file. */
  readonly size: number;
  /** Undefined where there is no comment, or it is not JSON. */
  readonly comment: ArchiveComment | undefined;
  /** How many entries there are, how many of them a later one replaces, and how many are folders. */
  readonly entries: { readonly total: number; readonly duplicates: number; readonly directories: number };
  /** The order of the central directory, which readers use. */
  readonly order: DirectoryOrder;
  /** The order in the file; it differs where entries were written before all of them were known. */
  readonly orderInFile: DirectoryOrder;
  /** The number of entries by compression method. */
  readonly methods: { readonly stored: number; readonly deflated: number; readonly other: number };
  readonly zip64: {
    /** Whether there is a ZIP64 end record that the classic record refers to. */
    readonly end: boolean;
    /** How many central headers use a ZIP64 field. */
    readonly central: number;
    /** How many local headers were read, as an evenly spaced sample, and how many of these use a ZIP64 field. */
    readonly local: { readonly looked: number; readonly zip64: number };
  };
  /** Bytes that no reader uses: data of replaced entries, and bytes before the archive or between entries. */
  readonly wasted: number;
}

/** How many local headers are read, one by one, in local and in remote archives. */
const LOCAL_HEADERS = { local: 256, remote: 4 };

/**
 * Describes an archive from its directory and a sample of its local headers.
 *
 * @throws InvalidArchiveError where one of these headers is damaged or contradicts the directory
 */
export async function describeArchive(
  archive: ZipArchive,
  options?: ReadOptions,
): Promise<ArchiveDescription> {
  const { directory, end, source } = archive;
  const counts = countEntries(directory);
  const documents = locateDocuments(directory, fileOrder(directory.headerOffsets));
  return {
    size: source.size,
    comment: parseComment(end.comment),
    entries: {
      total: directory.count,
      duplicates: counts.shadowed,
      directories: counts.directories,
    },
    order: directoryOrder(documents.inDirectory),
    orderInFile: directoryOrder(documents.inFile),
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

/** More bytes than the extra field and data descriptor of an entry have together, from any known writer. */
const LARGEST_EXTRA = 256;

/** Bytes in gaps between entries that are too large to belong to an entry. */
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
  const candidates = Math.min(count, LOCAL_HEADERS[archive.source.readSync ? "local" : "remote"]);
  const indices = Array.from({ length: candidates }, (_, k) => Math.floor((k * count) / candidates)).filter(
    (index) => ((marks[index] as number) & MARK_OVERLAPS) === 0,
  );
  const headers = await Promise.all(
    indices.map((index) => readLocalHeader(archive, entryAt(archive.directory, index), options)),
  );
  return { looked: headers.length, zip64: headers.filter((header) => header.zip64).length };
}

/** A label and its text. */
export type SummaryRow = readonly [label: string, text: string];

/**
 * A description as rows of text.
 *
 * @param version the OME-Zarr version of the image, which the comment should repeat
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
  const [inDirectory, inFile] = [formatOrder(order), formatOrder(orderInFile)];
  return inDirectory === inFile ? inDirectory : `${inDirectory}; but in the file ${inFile}`;
}

function formatOrder(order: DirectoryOrder): string {
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
