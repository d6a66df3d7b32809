import { type ByteSource, InvalidArchiveError, type OzxError } from "@ozx/core";
import { CziFault } from "../parse/fault.js";

/** What reads segments of a file. */
export interface SegmentSource {
  readonly source: ByteSource;
  /** Whether each read is a request to a server. */
  readonly isRemote: boolean;
}

/** Runs what reads the structure of a file, and names the file in what is wrong with it. */
export async function named<T>(source: ByteSource, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof CziFault)) throw error;
    source.checkUnchanged?.();
    throw damaged(source.name, error);
  }
}

function damaged(name: string, { message, cause }: CziFault): OzxError {
  const what = `${name} ${message}: it is damaged or was not copied completely`;
  return new InvalidArchiveError(what, { location: name }, { cause });
}
