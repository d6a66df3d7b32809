import type { ByteSink } from "../byte-sink.js";

/** Pieces are handed to the browser once they are this large. */
const PIECE = 8 * 1024 * 1024;

/**
 * A sink that becomes a Blob, to be downloaded where a page cannot write files. The browser keeps what is in a
 * Blob wherever it has room, so the page's own memory holds one piece of it.
 */
export function blobSink(
  name: string,
  type = "application/octet-stream",
): ByteSink & {
  /** What was committed; empty before. */
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
