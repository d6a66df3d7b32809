import { CziFault } from "./fault.js";
import { getInt64, readName, viewOf } from "./segment.js";

/** An entry of the attachment directory (schema A1). */
export interface AttachmentEntry {
  /** As in `Label`, `Thumbnail`, `TimeStamps`. */
  readonly name: string;
  /** As in `CZI`, `JPG`, `CZTIMS`. */
  readonly type: string;
  /** Where its segment starts. */
  readonly position: number;
}

/** Bytes of an entry. */
export const ATTACHMENT_ENTRY = 128;
/** Where the entries start in the data of the directory, and the content in that of an attachment. */
export const ATTACHMENT_DATA = 256;

/** Parses entries of the attachment directory, one after another. @throws CziFault */
export function parseAttachments(bytes: Uint8Array, count: number): AttachmentEntry[] {
  const view = viewOf(bytes);
  return Array.from({ length: Math.min(count, Math.floor(bytes.length / ATTACHMENT_ENTRY)) }, (_, k) => {
    const at = k * ATTACHMENT_ENTRY;
    const schema = readName(bytes.subarray(at, at + 2));
    if (schema !== "A1") throw new CziFault(`has an attachment of the schema ${JSON.stringify(schema)}`);
    return {
      position: getInt64(view, at + 12),
      type: readName(bytes.subarray(at + 40, at + 48)),
      name: readName(bytes.subarray(at + 48, at + 128)),
    };
  });
}

/** The numbers of the attachment `TimeStamps` (CZTIMS): one for each point in time. Empty where it is not as it should be. */
export function parseTimeStamps(bytes: Uint8Array): readonly number[] {
  if (bytes.length < 8) return [];
  const view = viewOf(bytes);
  const count = view.getInt32(4, true);
  if (count < 0 || 8 + count * 8 > bytes.length) return [];
  return Array.from({ length: count }, (_, k) => view.getFloat64(8 + k * 8, true));
}
