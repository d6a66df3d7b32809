import { expect } from "vitest";

/** `toEqual` looks at each byte of an array by itself, which takes seconds for megabytes; most often all are the same. */
expect.addEqualityTesters([
  (a: unknown, b: unknown) => {
    const same = isArrayOfNumbers(a) && isArrayOfNumbers(b) && a.constructor === b.constructor;
    // Where they differ, the usual comparison goes through them and says where.
    return same && Buffer.compare(bytesOf(a), bytesOf(b)) === 0 ? true : undefined;
  },
]);

function isArrayOfNumbers(value: unknown): value is ArrayBufferView {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
