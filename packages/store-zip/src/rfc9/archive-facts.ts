import { formatBytes, formatCount, plural } from "@ozx/core";
import type { ArchiveDescription } from "./describe.js";
import type { DirectoryOrder } from "./directory-order.js";

/** A label, and what there is to say about it. */
export type ArchiveFact = readonly [label: string, text: string];

/**
 * What RFC-9 has a word about, for people.
 *
 * @param version that of the image, which the comment should repeat
 */
export function archiveFacts(archive: ArchiveDescription, version: string | undefined): ArchiveFact[] {
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
