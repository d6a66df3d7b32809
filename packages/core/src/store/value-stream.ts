import type { ReadOptions } from "../bytes/byte-source.js";
import { createPacer } from "./pacer.js";
import type { AbsolutePath, BlockingReader, Store } from "./store.js";

/** How much is read at once from streams that fill a buffer of ours. */
const BLOCK = 1024 * 1024;
/** Read at once by the thread that goes on with it, a block is best small enough to stay in that core's cache. */
const BLOCKING_BLOCK = 256 * 1024;

/**
 * A value in blocks, each valid until the next but one is asked for; undefined where the key does not exist.
 * From a byte stream they are two buffers, filled in turn, because fresh memory for each block costs more than
 * the reading; two, so that one can be written while the other is filled.
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
  return reader === undefined ? stream : blocks(reader);
}

/** A generator that is ended before it has begun does not come to its `finally`, and a reader is open already. */
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
  const pause = createPacer();
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

async function* blocks(reader: ReadableStreamBYOBReader): AsyncGenerator<Uint8Array> {
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
