import { type ByteSource, InvalidArchiveError } from "@ozx/core";

/**
 * The error for what is wrong with a file.
 *
 * @param what the end of a sentence about the file
 * @throws SourceChangedError where the file has changed since it was opened: then nothing is wrong with it
 */
export function damagedFile(source: ByteSource, what: string, cause?: unknown): InvalidArchiveError {
  source.checkUnchanged?.();
  const { name } = source;
  const message = `${name} ${what}: it is damaged or was not copied completely`;
  return new InvalidArchiveError(message, { location: name }, { cause });
}
