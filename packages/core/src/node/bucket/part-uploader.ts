import { untilAborted } from "../../bytes/concurrency.js";
import type { ReadOptions } from "../../bytes/source-and-sink.js";

/** How many parts are uploaded at once, and how much memory their bytes may take. */
const WORKERS = 6;
const MEMORY = 256 * 1024 * 1024;
/**
 * How long parts that are being sent may take to their end once the others are given up, in milliseconds. A service may
 * store a part whose request was closed, and some bring back an upload that was aborted before: versitygw does.
 */
const LAST_ANSWERS_TIME = 5_000;

/** A part whose bytes are complete. */
export interface FilledPart {
  readonly index: number;
  readonly bytes: Uint8Array;
}

/** Gathers bytes that are written at any position into parts, and sends each part when all of it is there. */
export interface PartUploader {
  /** Takes bytes, which may be reused afterwards. Waits where too many parts are being sent. */
  write(position: number, bytes: Uint8Array, options?: ReadOptions): Promise<void>;
  /** Sends the last part, which may be shorter, and waits for all of them. */
  finish(size: number, options?: ReadOptions): Promise<void>;
  /** Sends nothing further, and waits until what is being sent is answered, or given up. Never throws. */
  stop(): Promise<void>;
}

export interface PartUploaderOptions {
  /** The name of the object, for messages. */
  readonly name: string;
  /** Bytes of part `index`. */
  sizeOf(index: number): number;
  startOf(index: number): number;
  partAt(position: number): number;
  /** Whether parts that are being sent when another one fails are of use: then they are sent to their end. */
  readonly keeps?: boolean;
  /** Sends a part; called for several at once. */
  send(part: FilledPart, options: { readonly signal: AbortSignal }): Promise<void>;
}

interface OpenPart {
  readonly bytes: Uint8Array;
  filled: number;
}

/**
 * A part that is written in order is complete when its last byte is there. The header of a large entry is written after
 * its data: meanwhile the part that it starts in waits, and the parts behind it are sent.
 */
export function createPartUploader({
  name,
  sizeOf,
  startOf,
  partAt,
  keeps = false,
  send,
}: PartUploaderOptions): PartUploader {
  const open = new Map<number, OpenPart>();
  const sending = new Set<Promise<void>>();
  const controller = new AbortController();
  let failure: { readonly error: unknown } | undefined;
  const throwFailure = (): void => {
    if (failure !== undefined) throw failure.error;
  };
  let failed: () => void = () => {};
  const firstFailure = new Promise<void>((resolve) => {
    failed = resolve;
  });
  const start = (index: number, bytes: Uint8Array): void => {
    const sent = send({ index, bytes }, { signal: controller.signal })
      .catch((error: unknown) => {
        failure ??= { error };
        failed();
      })
      .finally(() => sending.delete(sent));
    sending.add(sent);
  };
  const workersFor = (index: number): number =>
    Math.max(1, Math.min(WORKERS, Math.floor(MEMORY / (2 * sizeOf(index)))));
  /** Waits for parts that are being sent, or until one of them fails. */
  const wait = async (work: Promise<unknown>, { signal }: ReadOptions = {}): Promise<void> => {
    signal?.throwIfAborted();
    await untilAborted(Promise.race([work, firstFailure]), signal);
    throwFailure();
  };
  return {
    async write(position, bytes, options) {
      for (let done = 0; done < bytes.length; ) {
        options?.signal?.throwIfAborted();
        throwFailure();
        const index = partAt(position + done);
        const at = position + done - startOf(index);
        const size = sizeOf(index);
        const length = Math.min(bytes.length - done, size - at);
        const part = open.get(index) ?? { bytes: new Uint8Array(size), filled: 0 };
        open.set(index, part);
        part.bytes.set(bytes.subarray(done, done + length), at);
        part.filled += length;
        done += length;
        if (part.filled < size) continue;
        open.delete(index);
        start(index, part.bytes);
        while (sending.size >= workersFor(index)) await wait(Promise.race(sending), options);
      }
    },
    async finish(size, options) {
      options?.signal?.throwIfAborted();
      throwFailure();
      const last = partAt(size);
      const rest = open.get(last);
      open.delete(last);
      if (open.size > 0 || (rest?.filled ?? 0) !== size - startOf(last)) {
        throw new TypeError(`${name} was not written completely`);
      }
      // An object without any bytes has one part too.
      if (rest !== undefined || size === 0)
        start(last, rest?.bytes.subarray(0, rest.filled) ?? new Uint8Array());
      await wait(Promise.all(sending), options);
    },
    async stop() {
      const isOfUse = keeps && failure !== undefined;
      failure ??= { error: new TypeError(`${name} was discarded`) };
      const giveUp = (): void => controller.abort(failure?.error);
      const timer = isOfUse ? undefined : setTimeout(giveUp, LAST_ANSWERS_TIME);
      await Promise.all(sending);
      clearTimeout(timer);
    },
  };
}
