import { type DirectoryExtent, END_SIZE, writeEnd } from "./end-of-central-directory.js";
import { viewOf } from "./fields.js";
import { writeZip64End, ZIP64_END_SIZE } from "./zip64-end.js";
import { writeZip64Locator, ZIP64_LOCATOR_SIZE } from "./zip64-locator.js";

/** Bytes of {@link endRecords} without a comment. */
export const END_RECORDS_SIZE = ZIP64_END_SIZE + ZIP64_LOCATOR_SIZE + END_SIZE;

/** ZIP64 end record, locator and end record of a directory, to be written at `position`. */
export function endRecords(
  directory: DirectoryExtent,
  position: number,
  comment: Uint8Array = NOTHING,
): Uint8Array {
  const bytes = new Uint8Array(END_RECORDS_SIZE + comment.length);
  const view = viewOf(bytes);
  let at = writeZip64End(view, 0, directory);
  at = writeZip64Locator(view, at, position);
  writeEnd(view, at, comment);
  return bytes;
}

const NOTHING = new Uint8Array(0);
