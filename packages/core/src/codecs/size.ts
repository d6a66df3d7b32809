import { freeMemory } from "./free-memory.js";

/**
 * How many bytes a chunk decodes to: exactly so many, or, where that is not known (texts, codecs around other codecs),
 * at most so many.
 */
export type DecodedSize = number | { readonly atMost: number };

/** A chunk that is to be decoded, and where to. */
export interface EncodedChunk {
  readonly bytes: Uint8Array;
  readonly size: DecodedSize;
  /** Memory for the result, at least as large; memory of its own by default. */
  readonly into?: Uint8Array | undefined;
}

/** The most bytes that may come out. */
export function mostBytes(size: DecodedSize): number {
  const most = typeof size === "number" ? size : size.atMost;
  if (!Number.isSafeInteger(most) || most < 0) throw new RangeError(`${most} is not a number of bytes`);
  return most;
}

/** Whether a length is what was asked for. */
export function isSize(length: number, size: DecodedSize): boolean {
  return typeof size === "number" ? length === size : length <= size.atMost;
}

/** Puts a result where the caller wants it: at the start of `into`, or in memory of its own. */
export function place(result: Uint8Array, into: Uint8Array | undefined): Uint8Array {
  // Not by `slice`, which of a Buffer shares its memory.
  if (into === undefined) return new Uint8Array(result);
  return copyInto(result, into);
}

/** What a decoder has made, before it is put where the caller wants it. */
export interface DecodedResult {
  readonly bytes: Uint8Array;
  /** Whether nobody else has their memory; otherwise the next call overwrites it. */
  readonly isOwn: boolean;
}

/** Like {@link place}, but a result in memory of its own stays there where the caller has none. */
export function placeResult({ bytes, isOwn }: DecodedResult, into: Uint8Array | undefined): Uint8Array {
  if (into === undefined && isOwn) return bytes;
  const placed = place(bytes, into);
  if (isOwn) freeMemory(bytes);
  return placed;
}

export function copyInto(result: Uint8Array, into: Uint8Array): Uint8Array {
  checkRoom(into, result.length);
  into.set(result);
  return into.length === result.length ? into : into.subarray(0, result.length);
}

/** @throws RangeError where a buffer of the caller is too small */
export function checkRoom(into: Uint8Array, length: number): void {
  if (into.length < length)
    throw new RangeError(`a buffer of ${into.length} bytes is too small for ${length}`);
}
