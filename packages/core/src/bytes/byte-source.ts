/** Options of every asynchronous call that reads. */
export interface ReadOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Bytes that can be read at any position: a file, a Blob, a URL, a buffer. There is no cursor, so any number
 * of reads may run at once.
 */
export interface ByteSource {
  /** What to call it in messages: a path, a URL, a file's name. */
  readonly name: string;
  /** Length in bytes. */
  readonly size: number;
  /**
   * The `length` bytes at `offset`. Never fewer: a source that has become shorter throws
   * `SourceChangedError`, and a range outside `0..size` throws `RangeError`.
   */
  read(offset: number, length: number, options?: ReadOptions): Promise<Uint8Array>;
  /** Fills `target` from `offset` at once, where the platform can (a file in Node). Throws as `read` does. */
  readSync?(offset: number, target: Uint8Array): void;
  close(): Promise<void>;
}

/** Throws `RangeError` unless `offset..offset+length` lies inside `0..size`. */
export function checkRange(source: { name: string; size: number }, offset: number, length: number): void {
  if (offset >= 0 && length >= 0 && offset + length <= source.size) return;
  throw new RangeError(
    `${source.name} has ${source.size} bytes; the range of ${length} bytes at ${offset} lies outside`,
  );
}
