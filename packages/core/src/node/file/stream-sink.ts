import type { Writable } from "node:stream";
import { untilAborted } from "../../bytes/concurrency.js";
import type { ByteSink } from "../../bytes/source-and-sink.js";
import { WriteFailedError } from "../../errors.js";
import { errorCode, systemMessage } from "../system/failures.js";

/**
 * A sink that appends to a stream, as to a pipe. Nothing can be taken back there: `discard` leaves what was
 * written, and the reader finds an archive without an end.
 */
export function streamSink(stream: Writable, name: string): ByteSink {
  let position = 0;
  let failure: Error | undefined;
  stream.once("error", (error) => {
    failure = error;
  });
  const check = (): void => {
    if (failure === undefined && !stream.destroyed) return;
    // Only a closed pipe has a reader that stopped; a full disk, as behind "> file", has none.
    const cause = failure ?? stream.errored;
    const code = errorCode(cause);
    const why =
      code === undefined || code === "EPIPE" ? "whoever reads it has stopped" : systemMessage(cause);
    throw new WriteFailedError(`${name} takes no more: ${why}`, { location: name }, { cause });
  };
  return {
    name,
    forwardOnly: true,
    async write(at, bytes, options) {
      options?.signal?.throwIfAborted();
      check();
      if (at !== position) throw new RangeError(`${name} is at ${position} and cannot be written at ${at}`);
      position += bytes.length;
      // The caller fills the same buffer again as soon as this returns.
      if (!stream.write(bytes.slice())) await untilAborted(drained(stream), options?.signal);
      check();
    },
    async commit(options) {
      options?.signal?.throwIfAborted();
      check();
      const written = new Promise<void>((resolve) => {
        stream.write(new Uint8Array(0), () => resolve());
      });
      await untilAborted(written, options?.signal);
      check();
    },
    async discard() {},
  };
}

/** Waits until a stream takes more, or never will. */
function drained(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed) return resolve();
    const done = (): void => {
      stream.off("drain", done).off("close", done).off("error", done);
      resolve();
    };
    stream.on("drain", done).on("close", done).on("error", done);
  });
}
