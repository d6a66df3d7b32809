import {
  type ByteSource,
  type Finding,
  type InvalidArchiveError,
  isOzxError,
  type OzxError,
  type ReadOptions,
} from "@ozx/core";
import { createThrottle } from "@ozx/core/container";
import { openArchive, type ZipArchive } from "../read/archive.js";
import type { DirectoryLimit } from "../read/directory-limit.js";
import { findEndBefore, sourcePart } from "../read/source-parts.js";
import { RecordError } from "../records/fields.js";
import { findingOf } from "./archive-rule.js";
import { ARCHIVE_CHECKS } from "./archive-rules.js";
import { type CheckArchiveOptions, scanArchive } from "./scan-archive.js";
import { notMultipart, zipEocd } from "./structure-rules.js";

/**
 * Checks an archive against RFC-9 and ZIP itself (APPNOTE 6.3.10). Findings are in the order of the rules, then of the
 * entries, and each is computed when it is requested. A damaged archive is never an error: one that cannot be opened is
 * the single finding `zip-eocd`, or `not-multipart` for a part of a spanned archive.
 *
 * @throws what reading the source throws, and the signal's reason
 */
export async function* checkArchive(
  source: ByteSource,
  options: CheckArchiveOptions = {},
): AsyncGenerator<Finding> {
  const opened = await openForCheck(source, options);
  if ("error" in opened) {
    yield findingOf(opened.spanned ? notMultipart : zipEocd, { message: `${opened.error.message}.` });
    return;
  }
  const context = await scanArchive(opened.archive, opened.trailing, options);
  const pause = createThrottle(options);
  for (const rule of ARCHIVE_CHECKS) {
    await pause();
    options.signal?.throwIfAborted();
    for await (const violation of rule.check(context)) {
      yield findingOf(rule, violation);
      await pause();
      options.signal?.throwIfAborted();
    }
  }
}

/** An archive and the number of bytes that follow its end, or why it cannot be opened. */
type Opened =
  | { readonly archive: ZipArchive; readonly trailing: number }
  | { readonly error: OzxError; readonly spanned: boolean };

/**
 * Opens an archive for a check or a repair, even one with trailing bytes, which readers refuse.
 *
 * @returns the error for an archive that cannot be opened
 * @throws what reading the source throws
 */
export async function openForCheck(
  source: ByteSource,
  options?: ReadOptions & DirectoryLimit,
): Promise<Opened> {
  const whole = await tryToOpen(source, options);
  if ("archive" in whole || whole.spanned) return whole;
  const end = await findEndBefore(source, options);
  if (end === undefined) return whole;
  const part = await tryToOpen(sourcePart(source, 0, end), options);
  // This may be an archive in an entry's data. Only the offsets of the outer archive count from the start of the file.
  if (!("archive" in part) || part.archive.end.shift !== 0) return whole;
  return { archive: part.archive, trailing: source.size - end };
}

async function tryToOpen(source: ByteSource, options?: ReadOptions & DirectoryLimit): Promise<Opened> {
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
