import {
  type ByteSource,
  type InvalidArchiveError,
  isOzxError,
  type OzxError,
  type ReadOptions,
} from "@ozx/core";
import { openArchive, type ZipArchive } from "../read/archive.js";
import { findEndBefore, firstPart } from "../read/earlier-end.js";
import { RecordError } from "../records/fields.js";

/** An archive as far as it can be opened, or what kept it from being opened. */
export type Opened =
  | { readonly archive: ZipArchive; readonly trailing: number }
  | { readonly error: OzxError; readonly spanned: boolean };

/**
 * Opens an archive, with bytes behind its end if need be, which a reader refuses: it cannot know what they are.
 * Only what is wrong with the archive is an answer; a source that cannot be read throws as always.
 */
export async function openForCheck(source: ByteSource, options?: ReadOptions): Promise<Opened> {
  const whole = await tryToOpen(source, options);
  if ("archive" in whole || whole.spanned) return whole;
  const end = await findEndBefore(source, options);
  if (end === undefined) return whole;
  const cut = await tryToOpen(firstPart(source, end), options);
  // An archive inside of this one's data would be found too; only this one counts from the start of the file.
  if (!("archive" in cut) || cut.archive.end.shift !== 0) return whole;
  return { archive: cut.archive, trailing: source.size - end };
}

async function tryToOpen(source: ByteSource, options?: ReadOptions): Promise<Opened> {
  try {
    return { archive: await openArchive(source, options), trailing: 0 };
  } catch (error) {
    if (isOzxError(error, "InvalidArchive")) return { error, spanned: isSpanned(error) };
    if (isOzxError(error, "Unsupported")) return { error, spanned: error.feature === "spanned archive" };
    throw error;
  }
}

function isSpanned({ cause }: InvalidArchiveError): boolean {
  return cause instanceof RecordError && cause.kind === "spanned";
}
