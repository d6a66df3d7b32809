import { createThrottle } from "../bytes/concurrency.js";
import type { ReadOptions } from "../bytes/source-and-sink.js";
import type { AbsolutePath, BlockingReader, Store } from "./store.js";

/** The size of blocks that streams fill. */
const BLOCK = 1024 * 1024;

/** The size of blocks that are read by blocking: the thread that reads them also uses them, so they fit its cache. */
const BLOCKING_BLOCK = 256 * 1024;

/**
 * A value in blocks, each valid until the next but one is requested; undefined where the key does not exist.
 *
 * Two buffers alternate, since new memory for each block costs more than reading it, and one can be written while the
 * other is filled.
 */
export async function streamValue(
  source: Store,
  key: AbsolutePath,
  options?: ReadOptions,
): Promise<AsyncIterable<Uint8Array> | undefined> {
  const blocking = source.openSync?.(key);
  if (blocking !== undefined) return closedWithoutBegin(blocking, blockingBlocks(blocking, options));
  const stream = await source.stream(key, options);
  if (stream === undefined) return undefined;
  const reader = byteReader(stream);
  return reader === undefined ? stream : streamBlocks(reader);
}

/** Closes the reader of a generator that is ended before its first block, and so does not reach its `finally`. */
function closedWithoutBegin(
  reader: BlockingReader,
  blocks: AsyncGenerator<Uint8Array>,
): AsyncIterable<Uint8Array> {
  let isBegun = false;
  const iterator: AsyncIterator<Uint8Array> = {
    next() {
      isBegun = true;
      return blocks.next();
    },
    async return() {
      if (!isBegun) reader.close();
      return blocks.return(undefined);
    },
  };
  return { [Symbol.asyncIterator]: () => iterator };
}

async function* blockingBlocks(reader: BlockingReader, options?: ReadOptions): AsyncGenerator<Uint8Array> {
  const pause = createThrottle(options);
  try {
    for (let [next, other] = [new Uint8Array(BLOCKING_BLOCK), new Uint8Array(BLOCKING_BLOCK)]; ; ) {
      options?.signal?.throwIfAborted();
      const length = reader.read(next);
      if (length > 0) yield next.subarray(0, length);
      if (length < next.length) return;
      [next, other] = [other, next];
      await pause();
    }
  } finally {
    reader.close();
  }
}

async function* streamBlocks(reader: ReadableStreamBYOBReader): AsyncGenerator<Uint8Array> {
  let finished = false;
  try {
    for (let [next, other] = [new ArrayBuffer(BLOCK), new ArrayBuffer(BLOCK)]; ; ) {
      const { done, value } = await reader.read(new Uint8Array(next));
      finished = done;
      if (done) return;
      yield value;
      [next, other] = [other, value.buffer];
    }
  } finally {
    if (!finished) await reader.cancel();
  }
}

function byteReader(stream: ReadableStream<Uint8Array>): ReadableStreamBYOBReader | undefined {
  try {
    return stream.getReader({ mode: "byob" });
  } catch {
    return undefined;
  }
}
