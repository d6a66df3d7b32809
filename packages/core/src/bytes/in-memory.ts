import { type ByteSink, type ByteSource, checkByteRange } from "./source-and-sink.js";

/** A `ByteSource` over bytes in memory. Reads are views, not copies. */
export function memorySource(bytes: Uint8Array, name = "memory"): ByteSource {
  const view = (offset: number, length: number): Uint8Array => {
    checkByteRange({ name, size: bytes.length }, offset, length);
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

/** A sink in memory. */
export interface MemorySink extends ByteSink {
  /** What has been written so far. */
  bytes(): Uint8Array;
}

/** A `ByteSink` that grows in memory; `bytes()` returns what has been written so far, without a copy. */
export function memorySink(name = "memory"): MemorySink {
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

/** How much is gathered before it is handed to the browser. */
const PIECE = 8 * 1024 * 1024;

/**
 * A sink that becomes a Blob, for a download where a page cannot write files. The browser may keep a Blob's content
 * on the disk, so the page's own memory holds 8 MiB of it. Writes must be consecutive (`forwardOnly`).
 *
 * @param type the Blob's media type
 */
export function blobSink(
  name: string,
  type = "application/octet-stream",
): ByteSink & {
  /** The committed bytes; empty before `commit`. */
  blob(): Blob;
} {
  let pieces: Blob[] = [];
  let result = new Blob([], { type });
  const buffer = new Uint8Array(PIECE);
  let used = 0;
  let size = 0;
  const flush = (): void => {
    if (used > 0) pieces.push(new Blob([buffer.subarray(0, used)]));
    used = 0;
  };
  return {
    name,
    forwardOnly: true,
    async write(position, bytes, options) {
      options?.signal?.throwIfAborted();
      if (position !== size)
        throw new RangeError(`${name} is at ${size} and cannot be written at ${position}`);
      size += bytes.length;
      for (let done = 0; done < bytes.length; ) {
        const part = bytes.subarray(done, done + PIECE - used);
        buffer.set(part, used);
        used += part.length;
        done += part.length;
        if (used === PIECE) flush();
      }
    },
    async commit() {
      flush();
      result = new Blob(pieces, { type });
      pieces = [];
    },
    async discard() {
      pieces = [];
      used = 0;
    },
    blob: () => result,
  };
}
