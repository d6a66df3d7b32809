import { CorruptDataError, UnsupportedError } from "@ozx/core";

/** Where a fault of a segment is until its reader, who knows the file, says more. */
const LOCATION = "segment of pixels";

/**
 * A segment (a strip or a tile) does not decode, or not to the pixels that it must hold. The message is a sentence;
 * `reason` is its end, for those who know which segment of which file it was.
 */
export class DamagedSegmentError extends CorruptDataError {
  /** The name of the compression. */
  readonly codec: string;
  /** The end of a sentence about the segment, as "is truncated". */
  readonly reason: string;

  constructor(codec: string, reason: string, options?: { cause?: unknown }) {
    super(`A segment of pixels (${codec}) ${reason}.`, { location: LOCATION }, options);
    this.codec = codec;
    this.reason = reason;
  }
}

/** Pixels are stored in a way that is not read. `reason` is the end of a sentence about them. */
export class UnsupportedSegmentError extends UnsupportedError {
  /** The end of a sentence about the segment, as "has float samples of 8 bits, which are not supported". */
  readonly reason: string;

  constructor(feature: string, reason: string, options?: { cause?: unknown }) {
    super(`A segment of pixels ${reason}.`, { location: LOCATION, feature }, options);
    this.reason = reason;
  }
}

/** The error for a segment that comes to fewer bytes than its pixels need. */
export function tooShort(codec: string, found: number, needed: number): DamagedSegmentError {
  return new DamagedSegmentError(codec, `is truncated: it has ${found} of ${needed} bytes`);
}
