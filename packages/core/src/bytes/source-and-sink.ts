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
export function checkByteRange(source: { name: string; size: number }, offset: number, length: number): void {
  if (offset >= 0 && length >= 0 && offset + length <= source.size) return;
  throw new RangeError(
    `${source.name} has ${source.size} bytes; the range of ${length} bytes at ${offset} lies outside`,
  );
}

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
  /** Present where what was written can outlive the process that wrote it, for another one to go on with. */
  readonly journal?: SinkJournal | undefined;
  /**
   * Makes what was written durable and puts it in its place.
   *
   * @param options a signal ends waiting for those who read from a pipe; a file is put in its place all the same
   */
  commit(options?: ReadOptions): Promise<void>;
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

/** Says all that the bytes depend on: another one, other bytes. */
export interface JobFingerprint {
  /** What is to be written. */
  readonly job: string;
  /** The state of what it is made of. */
  readonly source: string;
}

/** What a process that was cut short noted. */
export interface JournalRecords {
  /** What it left, for people; undefined where there is none to go on with. */
  readonly leftover: string | undefined;
  /** In their order. */
  readonly records: readonly string[];
}

/** What a sink keeps for another process to go on with. */
export interface SinkJournal extends Journal {
  /** Reads what was written by the process that is gone on with. */
  read(position: number, length: number, options?: ReadOptions): Promise<Uint8Array>;
  /** Throws away what lies behind so many bytes. */
  truncate(size: number): Promise<void>;
}

/** Notes beside what is written, of how far it has come: what they say is on the disk is there, also after a crash. */
export interface Journal {
  /**
   * Whether to go on with what an earlier process left, and to leave what is written when this one fails. When
   * not, notes are taken only for the case that this process is killed.
   */
  readonly resumes: boolean;
  /** The least time between two notes, in milliseconds: each waits for the disk. */
  readonly interval: number;
  /**
   * To be called once, before the first note, and where it resumes before anything is written.
   *
   * @throws UsageError when what was left has another fingerprint
   */
  begin(fingerprint: JobFingerprint): Promise<JournalRecords>;
  /** Makes durable all that was written before the call, then a note of it, which has no line break. */
  checkpoint(text: string): Promise<void>;
}

/** Pieces one behind the other, in a buffer of its own. */
export function concatBytes(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
