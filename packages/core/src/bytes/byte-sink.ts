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
export interface EarlierNotes {
  /** What it left, for people; undefined where there is none to go on with. */
  readonly left: string | undefined;
  /** In their order. */
  readonly notes: readonly string[];
}

/** What a sink keeps for another process to go on with. */
export interface SinkJournal extends Journal {
  /** Reads what was written by the process that is gone on with. */
  read(position: number, length: number, options?: ReadOptions): Promise<Uint8Array>;
  /** Throws away what lies behind so many bytes. */
  cut(size: number): Promise<void>;
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
  begin(fingerprint: JobFingerprint): Promise<EarlierNotes>;
  /** Makes durable all that was written before the call, then a note of it, which has no line break. */
  note(text: string): Promise<void>;
}
