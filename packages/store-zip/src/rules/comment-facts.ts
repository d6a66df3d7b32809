import { isJsonObject, type JsonObject, type ReadOptions } from "@ozx/core";
import type { ZipArchive } from "../read/archive.js";
import { END_SIZE } from "../records/end-of-central-directory.js";
import { parseZip64End, ZIP64_END_SIZE } from "../records/zip64-end.js";
import { ZIP64_LOCATOR_SIZE } from "../records/zip64-locator.js";
import { type CommentText, readCommentText } from "../rfc9/comment-text.js";

/** An archive's comment, wherever a writer has put it. */
export interface CommentFacts {
  readonly bytes: Uint8Array;
  /** Whether it stands in the extensible data sector of the ZIP64 end record instead of the archive comment. */
  readonly inSector: boolean;
  readonly text: CommentText;
  /** The `ome` object, and the two below it. */
  readonly ome: JsonObject | undefined;
}

/** The longest sector that is looked at; a comment has no more room than this either. */
const MAX_SECTOR = 0xffff;

export async function readCommentFacts(archive: ZipArchive, options?: ReadOptions): Promise<CommentFacts> {
  const { comment } = archive.end;
  if (comment.length > 0) return factsOf(comment, false);
  const sector = await readSector(archive, options);
  const inSector = factsOf(sector, true);
  // The sector may hold anything, such as keys of encryption: only JSON in it is a comment.
  return inSector.text.value === undefined ? factsOf(comment, false) : inSector;
}

function factsOf(bytes: Uint8Array, inSector: boolean): CommentFacts {
  const text = readCommentText(bytes);
  const ome = isJsonObject(text.value) ? text.value["ome"] : undefined;
  return { bytes, inSector, text, ome: isJsonObject(ome) ? ome : undefined };
}

/**
 * The text in the extensible data sector (APPNOTE 4.3.14.2): a block of id (2 bytes) and length (4), or, as one
 * Rust library writes the comment, the text and nothing else.
 */
async function readSector({ source, end }: ZipArchive, options?: ReadOptions): Promise<Uint8Array> {
  const none = new Uint8Array(0);
  if (end.zip64 === undefined) return none;
  const { offset } = end.zip64;
  const limit = source.size - END_SIZE - end.comment.length - ZIP64_LOCATOR_SIZE;
  if (limit - offset <= ZIP64_END_SIZE || limit - offset > MAX_SECTOR) return none;
  const bytes = await source.read(offset, limit - offset, options);
  const sector = bytes.subarray(ZIP64_END_SIZE, Math.min(parseZip64End(bytes).length, bytes.length));
  const brace = sector.indexOf(OPENING_BRACE);
  return brace < 0 ? none : sector.subarray(brace);
}

const OPENING_BRACE = 0x7b;
