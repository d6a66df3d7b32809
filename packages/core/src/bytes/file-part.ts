/** A range whose start and length are known. */
export interface FixedRange {
  readonly offset: number;
  readonly length: number;
}

/** Bytes in a file of this computer, as plain data. */
export interface FilePart {
  /** The absolute path of the file. */
  readonly path: string;
  readonly offset: number;
  /** Undefined where they end with the file. */
  readonly length: number | undefined;
  /** Their CRC-32, where the container has it: who reads them compares it. */
  readonly crc32?: number | undefined;
  /** Whether the store was opened for reads that block. */
  readonly blocking?: boolean | undefined;
  /** The file that the store has open. Another one may have taken its path since. Undefined where none is held open. */
  readonly opened?: FileState | undefined;
}

/** Tells a file from others, and from itself after a change. */
export interface FileState {
  readonly device: number;
  readonly inode: number;
  readonly size: number;
  readonly modified: number;
}
