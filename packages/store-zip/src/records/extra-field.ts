import { RecordError, viewOf } from "./fields.js";

/** One block of an extra field: a 2-byte id, a 2-byte length and the data (APPNOTE 4.5.1). */
export interface ExtraBlock {
  readonly id: number;
  readonly data: Uint8Array;
}

/**
 * The blocks of an extra field. Up to three bytes at the end are padding: Android's zipalign and others leave
 * them there.
 *
 * @throws RecordError when a block is longer than the field
 */
export function* parseExtraField(extra: Uint8Array): Generator<ExtraBlock> {
  const view = viewOf(extra);
  let at = 0;
  while (at + 4 <= extra.length) {
    const id = view.getUint16(at, true);
    const end = at + 4 + view.getUint16(at + 2, true);
    if (end > extra.length) throw new RecordError("an extra field is longer than the header leaves room for");
    yield { id, data: extra.subarray(at + 4, end) };
    at = end;
  }
}
