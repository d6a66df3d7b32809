import {
  type ByteSource,
  type Finding,
  type InvalidArchiveError,
  isOzxError,
  type OzxError,
  type ReadOptions,
} from "@ozx/core";
import { openArchive, type ZipArchive } from "../read/archive.js";
import { findEndBefore, sourcePart } from "../read/source-parts.js";
import { RecordError } from "../records/fields.js";
import { findingOf } from "./archive-rule.js";
import { ARCHIVE_CHECKS } from "./archive-rules.js";
import { type CheckArchiveOptions, scanArchive } from "./scan-archive.js";
import { notMultipart, zipEocd } from "./structure-rules.js";

/**
 * Everything that is wrong with an archive by RFC-9 and by the rules of ZIP itself (APPNOTE 6.3.10), in the order
 * of the rules and then of the entries. Whatever the archive holds, this does not throw for it: one that cannot be
 * opened at all is the finding `zip-eocd`, or `not-multipart` for a part of one, and nothing more.
 *
 * Findings are found as they are asked for; only what the rules look at is held.
 *
 * @throws what reading the source throws, and the signal's reason
 */
export async function* checkArchive(
  source: ByteSource,
  options: CheckArchiveOptions = {},
): AsyncGenerator<Finding> {
  const opened = await openForCheck(source, options);
  if ("error" in opened) {
    yield findingOf(opened.spanned ? notMultipart : zipEocd, { message: sentence(opened.error.message) });
    return;
  }
  const context = await scanArchive(opened.archive, opened.trailing, options);
  for (const rule of ARCHIVE_CHECKS) {
    options.signal?.throwIfAborted();
    for await (const violation of rule.check(context)) yield findingOf(rule, violation);
  }
}

function sentence(message: string): string {
  return message.endsWith(".") ? message : `${message}.`;
}

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
  const cut = await tryToOpen(sourcePart(source, 0, end), options);
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
