import { expect } from "vitest";

/** `toEqual` looks at each number of an array by itself, which takes seconds for millions; most often all are the same. */
expect.addEqualityTesters([
  // Where they differ, the usual comparison goes through them and says where.
  (a: unknown, b: unknown) => (isSameList(a, b) || isSameArrayOfNumbers(a, b) ? true : undefined),
]);

/** Shorter lists are compared as usual. */
const LONG = 100;

function isSameList(a: unknown, b: unknown): boolean {
  if (!Array.isArray(a) || !Array.isArray(b) || a.length < LONG || a.length !== b.length) return false;
  return a.every((value, at) => Object.is(value, b[at]));
}

function isSameArrayOfNumbers(a: unknown, b: unknown): boolean {
  if (!isArrayOfNumbers(a) || !isArrayOfNumbers(b) || a.constructor !== b.constructor) return false;
  return Buffer.compare(bytesOf(a), bytesOf(b)) === 0;
}

function isArrayOfNumbers(value: unknown): value is ArrayBufferView {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
