import { DamagedSegmentError } from "../segment-fault.js";
import { unsupportedPicture } from "./picture.js";

const NAME = "LERC";

/** What a blob of LERC says of itself. */
export interface LercHeader {
  readonly width: number;
  readonly height: number;
  /** Values of a pixel, side by side. */
  readonly depth: number;
  readonly sampleFormat: "uint" | "int" | "float";
  readonly bitsPerSample: number;
  /** Bytes of the blob; the next band may follow. */
  readonly length: number;
}

const MAGIC = "Lerc2 ";
/** The versions of Lerc2 that are known. */
const LEAST_VERSION = 2;
const MOST_VERSION = 6;
/** From these versions on a header has a checksum, and values side by side. */
const CHECKSUM_VERSION = 3;
const DEPTH_VERSION = 4;

const TYPES = [
  ["int", 8],
  ["uint", 8],
  ["int", 16],
  ["uint", 16],
  ["int", 32],
  ["uint", 32],
  ["float", 32],
  ["float", 64],
] as const;

/** Whether bytes start a blob. */
export function isLerc(bytes: Uint8Array): boolean {
  return [...MAGIC].every((letter, k) => bytes[k] === letter.charCodeAt(0));
}

/**
 * Reads the header of a blob of Lerc2 (Esri's `Lerc2.h`: `HeaderInfo`).
 *
 * @throws DamagedSegmentError, UnsupportedSegmentError
 */
export function readLercHeader(bytes: Uint8Array): LercHeader {
  if (!isLerc(bytes)) throw new DamagedSegmentError(NAME, "does not start as it must");
  if (bytes.length < MAGIC.length + 40) throw new DamagedSegmentError(NAME, "is truncated");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getInt32(MAGIC.length, true);
  if (version < LEAST_VERSION || version > MOST_VERSION) throw unsupportedPicture(NAME, `version ${version}`);
  let at = MAGIC.length + 4 + (version >= CHECKSUM_VERSION ? 4 : 0);
  const next = (): number => {
    at += 4;
    return view.getInt32(at - 4, true);
  };
  const height = next();
  const width = next();
  const depth = version >= DEPTH_VERSION ? next() : 1;
  // The numbers of valid pixels and of the rows of a block.
  at += 8;
  const length = next();
  const [sampleFormat, bitsPerSample] = TYPES[next()] ?? [];
  if (sampleFormat === undefined || depth < 1)
    throw new DamagedSegmentError(NAME, "has a header that contradicts itself");
  if (length < at || length > bytes.length) throw new DamagedSegmentError(NAME, "is truncated");
  return { width, height, depth, sampleFormat, bitsPerSample, length };
}
