/** A file that readers see while it grows. Its writer keeps what is in it valid at every moment. */
export interface GrowingFile {
  /** The name used in messages. */
  readonly name: string;
  /** Writes at any position; beyond the end the file grows. */
  write(position: number, bytes: Uint8Array): Promise<void>;
  /**
   * Makes everything durable that was written.
   *
   * @throws SourceChangedError when another file was moved to its path
   */
  sync(): Promise<void>;
  /** Cuts the file to `size` bytes. */
  truncate(size: number): Promise<void>;
  /** Moves the file to its path, once; it is written there from then on. */
  publish(): Promise<void>;
  /** Ends writing. */
  close(): Promise<void>;
  /** Removes a file that was not published. Never throws. */
  discard(): Promise<void>;
}
