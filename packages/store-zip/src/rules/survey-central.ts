import { createPacer, type ReadOptions } from "@ozx/core";
import type { ZipArchive } from "../read/archive.js";
import { CENTRAL_HEADER_SIZE } from "../records/central-header.js";
import { SENTINEL_16, SENTINEL_32, viewOf } from "../records/fields.js";
import { EXTRA_ZIP64, scanExtra, scannedExtra } from "./extra-blocks.js";

/** The central directory as it is written: what its columns, made for reading entries, leave out. */
export interface CentralFacts {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Where each header starts in `bytes`. */
  readonly starts: Uint32Array;
  /** The `EXTRA_` bits of each header's extra field. */
  readonly extras: Uint8Array;
  /** What stands for each header's blocks that decide nothing, as in `ScannedExtra`. */
  readonly others: Int32Array;
  /** 1 where a ZIP64 field is not what the header's sentinels ask for (APPNOTE 4.5.3). */
  readonly oddZip64: Uint8Array;
}

/** Looks at every central header once. The directory has been parsed before, so it holds together. */
export async function surveyCentral(archive: ZipArchive, options?: ReadOptions): Promise<CentralFacts> {
  const { source, end, directory } = archive;
  const bytes = await source.read(end.directoryOffset, end.directorySize, options);
  const view = viewOf(bytes);
  const starts = new Uint32Array(directory.count);
  const extras = new Uint8Array(directory.count);
  const others = new Int32Array(directory.count);
  const oddZip64 = new Uint8Array(directory.count);
  const extra = scannedExtra();
  const pause = createPacer();
  for (let index = 0, at = 0; index < directory.count; index++) {
    const extraStart = at + CENTRAL_HEADER_SIZE + view.getUint16(at + 28, true);
    const extraEnd = extraStart + view.getUint16(at + 30, true);
    scanExtra(view, extraStart, extraEnd, extra);
    starts[index] = at;
    extras[index] = extra.bits;
    others[index] = extra.others;
    if ((extra.bits & EXTRA_ZIP64) !== 0 && isOdd(extra.zip64Length, neededLength(view, at))) {
      oddZip64[index] = 1;
    }
    at = extraEnd + view.getUint16(at + 32, true);
    const rest = (index & 0xfff) === 0 ? pause() : undefined;
    if (rest === undefined) continue;
    await rest;
    options?.signal?.throwIfAborted();
  }
  return { bytes, view, starts, extras, others, oddZip64 };
}

/** Whole fields, with values that the header has itself, are common and understood; a field for nothing is not. */
function isOdd(length: number, needed: number): boolean {
  return needed === 0 || (length !== needed && length !== 24 && length !== 28);
}

/** Bytes of ZIP64 data that the sentinels of the header at `at` ask for. */
function neededLength(view: DataView, at: number): number {
  let length = 0;
  if (view.getUint32(at + 24, true) === SENTINEL_32) length += 8;
  if (view.getUint32(at + 20, true) === SENTINEL_32) length += 8;
  if (view.getUint32(at + 42, true) === SENTINEL_32) length += 8;
  if (view.getUint16(at + 34, true) === SENTINEL_16) length += 4;
  return length;
}

/** The name in header `index` as it is written. */
export function rawName({ bytes, view, starts }: CentralFacts, index: number): Uint8Array {
  const at = starts[index] as number;
  return bytes.subarray(at + CENTRAL_HEADER_SIZE, at + CENTRAL_HEADER_SIZE + view.getUint16(at + 28, true));
}

/** The extra field of header `index`. */
export function rawExtra({ bytes, view, starts }: CentralFacts, index: number): Uint8Array {
  const at = starts[index] as number;
  const start = at + CENTRAL_HEADER_SIZE + view.getUint16(at + 28, true);
  return bytes.subarray(start, start + view.getUint16(at + 30, true));
}

/** The comment of entry `index`. */
export function rawComment({ bytes, view, starts }: CentralFacts, index: number): Uint8Array {
  const at = starts[index] as number;
  const start = at + CENTRAL_HEADER_SIZE + view.getUint16(at + 28, true) + view.getUint16(at + 30, true);
  return bytes.subarray(start, start + view.getUint16(at + 32, true));
}
