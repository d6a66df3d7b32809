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
 * The data of the first block with this id.
 *
 * @throws RecordError when a block is longer than the field
 */
export function findExtraBlock(extra: Uint8Array, id: number): Uint8Array | undefined {
  const view = viewOf(extra);
  const at = findExtraData(view, 0, extra.length, id);
  return at < 0 ? undefined : extra.subarray(at, at + view.getUint16(at - 2, true));
}

/**
 * Where in `view` the data of the first block with this id starts, in the extra field at `from..to`, or -1; the
 * two bytes before it are its length. All blocks are looked at, and nothing is allocated, which counts where a
 * million headers are read.
 *
 * @throws RecordError when a block is longer than the field
 */
export function findExtraData(view: DataView, from: number, to: number, id: number): number {
  let found = -1;
  for (let at = from; at + 4 <= to; ) {
    const end = at + 4 + view.getUint16(at + 2, true);
    if (end > to) throw new RecordError(TOO_LONG);
    if (found < 0 && view.getUint16(at, true) === id) found = at + 4;
    at = end;
  }
  return found;
}

const TOO_LONG = "an extra field is longer than the header leaves room for";
