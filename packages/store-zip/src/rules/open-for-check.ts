import {
  type ByteSource,
  type InvalidArchiveError,
  isOzxError,
  type OzxError,
  type ReadOptions,
} from "@ozx/core";
import { openArchive, type ZipArchive } from "../read/archive.js";
import { END_SIGNATURE, END_SIZE, MAX_END_DISTANCE } from "../records/end-of-central-directory.js";
import { RecordError, viewOf } from "../records/fields.js";

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

/** Where the last end record whose comment ends before the file does ends. */
async function findEndBefore(source: ByteSource, options?: ReadOptions): Promise<number | undefined> {
  const length = Math.min(source.size, MAX_END_DISTANCE);
  const tail = await source.read(source.size - length, length, options);
  const view = viewOf(tail);
  for (let at = length - END_SIZE; at >= 0; at--) {
    if (tail[at] !== 0x50 || view.getUint32(at, true) !== END_SIGNATURE) continue;
    const end = at + END_SIZE + view.getUint16(at + 20, true);
    if (end < length) return source.size - length + end;
  }
  return undefined;
}

/** The first bytes of a source, as a source. */
function firstPart(source: ByteSource, size: number): ByteSource {
  const { readSync } = source;
  return {
    name: source.name,
    size,
    read: (offset, length, options) => source.read(offset, length, options),
    ...(readSync && { readSync: (offset: number, target: Uint8Array) => source.readSync?.(offset, target) }),
    close: () => source.close(),
  };
}
