import type { ByteSink } from "./byte-sink.js";
import { type ByteSource, checkRange } from "./byte-source.js";

/** A `ByteSource` over bytes in memory. Reads are views, not copies. */
export function memorySource(bytes: Uint8Array, name = "memory"): ByteSource {
  const view = (offset: number, length: number): Uint8Array => {
    checkRange({ name, size: bytes.length }, offset, length);
    return bytes.subarray(offset, offset + length);
  };
  return {
    name,
    size: bytes.length,
    async read(offset, length, options) {
      options?.signal?.throwIfAborted();
      return view(offset, length);
    },
    readSync(offset, target) {
      target.set(view(offset, target.length));
    },
    async close() {},
  };
}

/** A `ByteSink` that grows in memory; `bytes()` is what has been written so far. */
export function memorySink(name = "memory"): ByteSink & { bytes(): Uint8Array } {
  let buffer = new Uint8Array(0);
  let size = 0;
  const put = (position: number, bytes: Uint8Array): void => {
    const end = position + bytes.length;
    if (end > buffer.length) {
      const grown = new Uint8Array(Math.max(end, buffer.length * 2));
      grown.set(buffer.subarray(0, size));
      buffer = grown;
    }
    buffer.set(bytes, position);
    size = Math.max(size, end);
  };
  return {
    name,
    forwardOnly: false,
    async write(position, bytes, options) {
      options?.signal?.throwIfAborted();
      put(position, bytes);
    },
    async commit() {},
    async discard() {
      buffer = new Uint8Array(0);
      size = 0;
    },
    bytes: () => buffer.subarray(0, size),
  };
}
