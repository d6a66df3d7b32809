import type { ReadOptions } from "./byte-source.js";

/**
 * Where a container's bytes go. Writes are positional, and nothing can be seen at the destination before
 * `commit`. A sink takes either `commit` or `discard`, once.
 */
export interface ByteSink {
  /** What to call it in messages. */
  readonly name: string;
  /** True where bytes can only be appended (a pipe): each `write` then starts where the last one ended. */
  readonly forwardOnly: boolean;
  /**
   * Present where it can be told beforehand that there is too little room; called before the first `write`,
   * where the size is known by then.
   *
   * @throws WriteFailedError when there is too little room
   */
  reserve?(size: number): Promise<void>;
  write(position: number, bytes: Uint8Array, options?: ReadOptions): Promise<void>;
  /** Present where other threads can write into the same place meanwhile: what they need to open it. */
  share?(): SharedSink;
  /** Makes what was written durable and puts it in its place. */
  commit(): Promise<void>;
  /** Throws away what was written; the destination is as it was. Never throws. */
  discard(): Promise<void>;
}

/** Says how to write into what a sink has begun, from elsewhere: plain data. */
export interface SharedSink {
  /** As the sink calls itself in messages. */
  readonly name: string;
  /** Where the bytes are kept until `commit`. */
  readonly path: string;
}
