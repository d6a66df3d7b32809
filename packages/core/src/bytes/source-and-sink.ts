import { UnsupportedError, UsageError } from "../errors.js";
import type { FilePart, FixedRange } from "./file-part.js";

/** Options of every asynchronous call that reads. */
export interface ReadOptions {
  /** Aborts the call, which then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Bytes that can be read at any position: a file, a Blob, a URL, a buffer. There is no cursor, so any number
 * of reads may run at once.
 */
export interface ByteSource {
  /** The name used in messages: a path, a URL, a file's name. */
  readonly name: string;
  /** Length in bytes. */
  readonly size: number;
  /**
   * The `length` bytes at `offset`, never fewer.
   *
   * @throws SourceChangedError when the source has become shorter
   * @throws RangeError when the range lies outside `0..size`
   */
  read(offset: number, length: number, options?: ReadOptions): Promise<Uint8Array>;
  /**
   * Fills consecutive `targets` from `offset` with one scatter read. Present where the platform has one (files in
   * Node). Throws as `read` does.
   */
  readInto?(offset: number, targets: readonly Uint8Array[], options?: ReadOptions): Promise<void>;
  /**
   * Fills `target` from `offset` and blocks until it is full. Present where the platform can block (files in Node).
   * Throws as `read` does.
   */
  readSync?(offset: number, target: Uint8Array): void;
  /**
   * Checks, without reading, that the source is still the one that was opened. Call it before reporting data as
   * damaged. Present where the platform can tell.
   *
   * @throws SourceChangedError when the source has changed
   */
  checkUnchanged?(): void;
  /** How another thread or process opens the same bytes. Present where it can. */
  descriptor?(): SourceDescriptor;
  /** Where a range of the bytes lies in a file of this computer. Present where there is one. */
  locate?(range: FixedRange): FilePart;
  /** The folder that the source lies in. Present where it is known (files in Node, files on servers). */
  readonly folder?: SourceFolder | undefined;
  /** Frees what the source holds, such as an open file; reading afterwards is an error. */
  close(): Promise<void>;
}

/** A folder of files, for formats whose images are in several. */
export interface SourceFolder {
  /** The name used in messages. */
  readonly name: string;
  /** The path that another thread opens it by; undefined where it cannot, as for a folder that was dropped on a page. */
  readonly location?: string | undefined;
  /**
   * Opens a file; undefined where there is none.
   *
   * @param path relative to the folder, with `/` between its parts
   * @throws UsageError for a path that leads out of the folder
   */
  open(path: string, options?: ReadOptions): Promise<ByteSource | undefined>;
  /** The paths of its files, sorted. Present where they can be listed: not on servers. */
  list?(options?: ListFilesOptions): Promise<readonly string[]>;
}

/** Options of {@link SourceFolder.list}. */
export interface ListFilesOptions extends ReadOptions {
  /** How many folders deep: 1 for the folder's own files, which is the default, 2 for those in its folders too. */
  readonly depth?: number | undefined;
}

/**
 * Checks that a path leads to a file within a folder: it has no `..`, and does not start at a root.
 *
 * @throws UsageError otherwise
 */
export function checkWithinFolder(path: string, folder: string): void {
  const parts = path.split(/[\\/]/);
  if (path !== "" && !parts.includes("..") && parts[0] !== "" && !/^[a-z]:/i.test(path)) return;
  throw new UsageError(`${JSON.stringify(path)} is not the path of a file within ${folder}`);
}

/** How another thread or process opens the same bytes, and recognizes that they are unchanged. Plain data. */
export interface SourceDescriptor {
  /** An absolute path, or a URL. */
  readonly location: string;
  /** Differs after a change: composed of the length, and the modification date or `ETag` where they are known. */
  readonly version: string;
}

/**
 * Checks that the range lies within a source.
 *
 * @throws RangeError unless `offset..offset+length` lies within `0..size`
 */
export function checkByteRange(source: { name: string; size: number }, offset: number, length: number): void {
  if (offset >= 0 && length >= 0 && offset + length <= source.size) return;
  throw new RangeError(
    `${source.name} has ${source.size} bytes; the range of ${length} bytes at ${offset} lies outside`,
  );
}

/**
 * Where a container's bytes go. Writes are positional, and the destination does not change before `commit`. Call
 * either `commit` or `discard`, once.
 */
export interface ByteSink {
  /** The name used in messages. */
  readonly name: string;
  /** True where bytes can only be appended (a pipe): each `write` then starts where the last one ended. */
  readonly forwardOnly: boolean;
  /**
   * Checks that there is enough free space for `size` bytes. Call it before the first `write`, if the size is known
   * by then. Present where the platform can tell.
   *
   * @throws WriteFailedError when there is too little free space
   */
  reserve?(size: number): Promise<void>;
  /** @throws WriteFailedError when the bytes cannot be written */
  write(position: number, bytes: Uint8Array, options?: ReadOptions): Promise<void>;
  /** What other threads need to write into the same sink at the same time. Present where they can. */
  share?(): SharedSink;
  /** Records progress, so that another process can resume. Present where written bytes outlive the process. */
  readonly journal?: SinkJournal | undefined;
  /**
   * Makes the written bytes durable and moves them to the destination.
   *
   * @param options the signal stops waiting for the reader of a pipe; it does not stop a file from being moved
   */
  commit(options?: ReadOptions): Promise<void>;
  /** Removes the written bytes; the destination stays unchanged. Never throws. */
  discard(): Promise<void>;
}

/** How another thread writes into a sink. Plain data. */
export interface SharedSink {
  /** The sink's name in messages. */
  readonly name: string;
  /** The staged file, which holds the bytes until `commit`. */
  readonly path: string;
}

/** Identifies everything that the output depends on: different fingerprints, different output. */
export interface JobFingerprint {
  /** Of what is to be written. */
  readonly job: string;
  /** Of the source's state. */
  readonly source: string;
}

/** What the journal of an interrupted process holds. */
export interface JournalRecords {
  /** The file or folder that the process left, for messages; undefined where there is nothing to resume. */
  readonly leftover: string | undefined;
  /** The texts of its checkpoints, the oldest first. */
  readonly records: readonly string[];
}

/** The journal of a sink, with access to the bytes of the process to resume. */
export interface SinkJournal extends Journal {
  /** Removes all bytes after the first `size`. */
  truncate(size: number): Promise<void>;
}

/** Records how far a job has come: bytes that a record covers are on the disk, even after a crash. */
export interface Journal {
  /**
   * Whether to resume an earlier process, and to keep what was written when this one fails. If false, checkpoints
   * only serve in case this process is killed.
   */
  readonly resumes: boolean;
  /** The shortest time between two checkpoints, in milliseconds, since each waits for the disk. */
  readonly interval: number;
  /**
   * Starts the journal. Call it once, before the first checkpoint; if it resumes, before anything is written.
   *
   * @throws UsageError when the leftover has a different fingerprint
   */
  begin(fingerprint: JobFingerprint): Promise<JournalRecords>;
  /**
   * Makes everything written before the call durable, then appends a record.
   *
   * @param text without line breaks
   */
  checkpoint(text: string): Promise<void>;
  /** Says that nothing written so far is of use, as when the source has changed: it is not kept to be resumed. */
  forget(): void;
}

/** Joins pieces in a new buffer. */
export function concatBytes(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/**
 * A buffer for bytes of a source. Not from Buffer's shared pool, since it may be transferred to another thread.
 *
 * @throws UnsupportedError naming the source, when there is too little memory
 */
export function newBuffer(length: number, name: string): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(length);
  } catch (cause) {
    throw new UnsupportedError(
      `${length} bytes of ${name} do not fit into memory: the file is damaged, or needs a computer with more memory`,
      { location: name, feature: "large value" },
      { cause },
    );
  }
}
