import type { ByteSource } from "@ozx/core";
import { damagedFile } from "@ozx/virtual";
import { CziFault } from "../parse/fault.js";

/** What reads segments of a file. */
export interface SegmentSource {
  readonly source: ByteSource;
  /** Whether each read is a request to a server. */
  readonly isRemote: boolean;
}

/** Runs what reads something that no pixel depends on: undefined where it is damaged. */
export async function unlessDamaged<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof CziFault)) throw error;
    return undefined;
  }
}

/** Runs what reads the structure of a file, and names the file in what is wrong with it. */
export async function named<T>(source: ByteSource, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof CziFault)) throw error;
    throw damagedFile(source, error.message, error.cause);
  }
}
