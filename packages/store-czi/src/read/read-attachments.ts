import type { ReadOptions } from "@ozx/core";
import {
  ATTACHMENT_DATA,
  ATTACHMENT_ENTRY,
  type AttachmentEntry,
  parseAttachments,
  parseTimeStamps,
} from "../parse/attachment.js";
import { CziFault } from "../parse/fault.js";
import { getInt64, SEGMENT, viewOf } from "../parse/segment.js";
import { readData, readSegment } from "./read-segment.js";
import type { SegmentSource } from "./segment-source.js";

/** Files have a dozen. */
const MOST_ATTACHMENTS = 1024;
const FIRST = 4096;
/** Points in time that are read, in bytes. */
const MOST_TIMES = 8 * 1024 * 1024;

/** Reads the attachment directory. @throws CziFault */
export async function readAttachments(
  from: SegmentSource,
  position: number,
  options?: ReadOptions,
): Promise<AttachmentEntry[]> {
  const place = { id: SEGMENT.attachmentDirectory, length: FIRST };
  const segment = await readSegment(from, position, place, options);
  if (segment.start.length < 4) throw new CziFault("ends within its list of attachments");
  const count = viewOf(segment.start).getInt32(0, true);
  const length = count * ATTACHMENT_ENTRY;
  if (count < 0 || count > MOST_ATTACHMENTS || length > Math.max(0, segment.used - ATTACHMENT_DATA)) {
    throw new CziFault(`has a list of ${count} attachments in ${segment.used} bytes`);
  }
  return parseAttachments(await readData(from, segment, { from: ATTACHMENT_DATA, length }, options), count);
}

/**
 * Reads the times of an attachment of the type CZTIMS.
 *
 * @returns none where they are not as they should be
 * @throws CziFault
 */
export async function readTimeStamps(
  from: SegmentSource,
  position: number,
  options?: ReadOptions,
): Promise<readonly number[]> {
  const segment = await readSegment(from, position, { id: SEGMENT.attachment, length: FIRST }, options);
  if (segment.start.length < 8) return [];
  const length = Math.min(getInt64(viewOf(segment.start), 0), segment.used - ATTACHMENT_DATA, MOST_TIMES);
  if (length <= 0) return [];
  return parseTimeStamps(await readData(from, segment, { from: ATTACHMENT_DATA, length }, options));
}
