import type { RangeQuery } from "./store.js";

/**
 * The part of a value of `size` bytes that a range asks for, cut to what exists: never bytes beyond the
 * value, nor before it.
 */
export function resolveRange(range: RangeQuery, size: number): { offset: number; length: number } {
  if ("suffixLength" in range) {
    const length = Math.min(count(range.suffixLength), size);
    return { offset: size - length, length };
  }
  const offset = Math.min(count(range.offset), size);
  return { offset, length: Math.min(count(range.length), size - offset) };
}

function count(value: number): number {
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new RangeError(`a range takes whole numbers from 0 on, not ${value}`);
}
