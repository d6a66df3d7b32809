import type { ByteSink, ReadOptions } from "@ozx/core";

/** What is appended is written once it comes to this much. */
const FULL = 1024 * 1024;

/** Appends to a sink in large writes. One call at a time. */
export interface SinkBuffer {
  /** Where the next bytes go. */
  position(): number;
  /** Up to where all is in the sink. */
  written(): number;
  /** The bytes are the caller's own again once this has returned. */
  append(bytes: Uint8Array, options?: ReadOptions): Promise<void>;
  flush(options?: ReadOptions): Promise<void>;
}

export function createSinkBuffer(sink: ByteSink, start: number): SinkBuffer {
  const buffer = new Uint8Array(FULL);
  let written = start;
  let used = 0;
  const flush = async (options?: ReadOptions): Promise<void> => {
    if (used === 0) return;
    await sink.write(written, buffer.subarray(0, used), options);
    written += used;
    used = 0;
  };
  return {
    position: () => written + used,
    written: () => written,
    async append(bytes, options) {
      if (used + bytes.length > FULL) await flush(options);
      if (bytes.length >= FULL) {
        await sink.write(written, bytes, options);
        written += bytes.length;
        return;
      }
      buffer.set(bytes, used);
      used += bytes.length;
    },
    flush,
  };
}
