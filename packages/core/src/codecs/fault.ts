import { CorruptDataError } from "../errors.js";

/** The codecs by the names that Zarr has for them; `bytes` for chunks that are not encoded any further, `lzw` for TIFF. */
export type CodecName = "bytes" | "blosc" | "zstd" | "lz4" | "lzw" | "gzip" | "zlib" | "crc32c" | "shuffle";

/**
 * A chunk does not decode, or not to what it must. The message is a sentence; `reason` is its end, for those who know
 * which chunk of which file it was.
 */
export class DamagedChunkError extends CorruptDataError {
  readonly codec: CodecName;
  /** The end of a sentence about the chunk, as "is cut short". */
  readonly reason: string;

  constructor(codec: CodecName, reason: string, options?: { cause?: unknown }) {
    super(`A ${codec} chunk ${reason}.`, { location: `${codec} chunk` }, options);
    this.codec = codec;
    this.reason = reason;
  }
}

/** What the engine's results below zero mean (wasm/assembly/fault.ts). */
const FAULTS: Readonly<Record<number, string>> = {
  [-1]: "does not decode: it contradicts its format",
  [-2]: "does not decode: it is cut short or comes to less than it should",
  [-4]: "does not have the checksum that it claims",
  [-5]: "needs a dictionary",
  [-6]: "has bytes behind its end",
};

/** The engine's result for data that come to more than there is room for. */
export const TOO_MUCH = -3;

/** The error for an engine's result below zero, where at most `room` bytes were asked for. */
export function faultError(codec: CodecName, result: number, room: number): DamagedChunkError {
  if (result === TOO_MUCH) return new DamagedChunkError(codec, `decodes to more than ${room} bytes`);
  return new DamagedChunkError(codec, FAULTS[result] ?? "does not decode");
}

export function wrongSizeError(codec: CodecName, found: number, expected: number): DamagedChunkError {
  return new DamagedChunkError(codec, `decodes to ${found} and not to ${expected} bytes`);
}
