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
  /**
   * Fills `targets`, one behind the other, from `offset` with one read, where the platform can (a file in Node):
   * what belongs apart need not be copied apart. Throws as `read` does.
   */
  readInto?(offset: number, targets: readonly Uint8Array[], options?: ReadOptions): Promise<void>;
  /** Fills `target` from `offset` at once, where the platform can (a file in Node). Throws as `read` does. */
  readSync?(offset: number, target: Uint8Array): void;
  /**
   * Present where it can be told at once: throws `SourceChangedError` when what is read now is not what was opened. To
   * be asked where something is wrong, before it is called damaged.
   */
  checkUnchanged?(): void;
  /** Present where another thread or process can open the same bytes for itself. */
  descriptor?(): SourceDescriptor;
  close(): Promise<void>;
}

/** Where bytes are, for somebody else who opens them, and how to tell that they are still the same. */
export interface SourceDescriptor {
  /** An absolute path, or an address. */
  readonly location: string;
  /** Other after a change: made of the length, and of the date or the `ETag` as far as they are known. */
  readonly version: string;
}

/** Throws `RangeError` unless `offset..offset+length` lies inside `0..size`. */
export function checkRange(source: { name: string; size: number }, offset: number, length: number): void {
  if (offset >= 0 && length >= 0 && offset + length <= source.size) return;
  throw new RangeError(
    `${source.name} has ${source.size} bytes; the range of ${length} bytes at ${offset} lies outside`,
  );
}
