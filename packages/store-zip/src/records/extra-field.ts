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
    if (end > extra.length) throw new RecordError(TOO_LONG);
    yield { id, data: extra.subarray(at + 4, end) };
    at = end;
  }
}

/**
 * The data of the first block with this id. Like {@link parseExtraField}, and several times as fast, which
 * counts where a million headers are read.
 *
 * @throws RecordError when a block is longer than the field
 */
export function findExtraBlock(extra: Uint8Array, id: number): Uint8Array | undefined {
  let found: Uint8Array | undefined;
  for (let at = 0; at + 4 <= extra.length; ) {
    const end = at + 4 + uint16(extra, at + 2);
    if (end > extra.length) throw new RecordError(TOO_LONG);
    if (found === undefined && uint16(extra, at) === id) found = extra.subarray(at + 4, end);
    at = end;
  }
  return found;
}

function uint16(bytes: Uint8Array, at: number): number {
  return (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
}

const TOO_LONG = "an extra field is longer than the header leaves room for";
