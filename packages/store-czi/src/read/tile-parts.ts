import { type ByteSource, CorruptDataError, type ReadOptions } from "@ozx/core";
import { CziFault } from "../parse/fault.js";
import { CHUNK_HEADER, CHUNK_START, findMask } from "../parse/mask.js";
import { parseSubblock, SUBBLOCK_HEADER, type Subblock } from "../parse/subblock.js";

/** Where the pixels of a tile are. */
export interface TileParts extends Subblock {
  /** Whether `attachment` is where a mask of the pixels that are painted starts. */
  readonly isMasked: boolean;
  /** The first bytes of the pixels where they are compressed. */
  readonly head: Uint8Array;
}

/** Which tile is asked for. */
export interface TileQuery {
  readonly position: number;
  readonly isCompressed: boolean;
  /** The tile in messages. */
  what(): string;
}

const NOTHING = new Uint8Array();
/** Bytes of pixels that tell what they are. */
const HEAD = 16;

/**
 * Reads the headers of a tile's subblock.
 *
 * @param tile.what the tile in messages
 * @param tile.isCompressed whether its first bytes say more than its entry
 * @throws CorruptDataError
 */
export async function readTileParts(
  source: ByteSource,
  { position, what, isCompressed }: TileQuery,
  options?: ReadOptions,
): Promise<TileParts> {
  const length = Math.min(SUBBLOCK_HEADER, source.size - position);
  const subblock = parse(source, what, await source.read(position, length, options), position);
  const { pixels, pixelBytes, attachment, attachmentBytes } = subblock;
  if (pixels + pixelBytes + attachmentBytes > source.size) {
    throw corruptTile(source, what(), `ends at ${pixels + pixelBytes + attachmentBytes}, beyond the file`);
  }
  const [head, mask] = await Promise.all([
    isCompressed ? source.read(pixels, Math.min(HEAD, pixelBytes), options) : NOTHING,
    locateMask(source, { attachment, attachmentBytes }, options),
  ]);
  return { ...subblock, ...mask, head, isMasked: mask !== undefined };
}

/** Chunks of an attachment that are looked at: files have one or two. */
const MOST_CHUNKS = 16;

/** The part of an attachment that starts with a mask, which may be one of several chunks; undefined where there is none. */
async function locateMask(
  source: ByteSource,
  { attachment, attachmentBytes }: Pick<Subblock, "attachment" | "attachmentBytes">,
  options?: ReadOptions,
): Promise<Pick<Subblock, "attachment" | "attachmentBytes"> | undefined> {
  const end = attachment + attachmentBytes;
  let at = attachment;
  for (let k = 0; k < MOST_CHUNKS && at + CHUNK_HEADER <= end; k++) {
    const found = findMask(await source.read(at, Math.min(CHUNK_START, end - at), options));
    if ("mask" in found) {
      const start = at + found.mask;
      return { attachment: start, attachmentBytes: end - start };
    }
    at += found.next;
  }
  return undefined;
}

function parse(source: ByteSource, what: () => string, bytes: Uint8Array, position: number): Subblock {
  try {
    return parseSubblock(bytes, position);
  } catch (error) {
    if (!(error instanceof CziFault)) throw error;
    throw corruptTile(source, what(), error.message, error);
  }
}

/**
 * The error for a tile that cannot be read.
 *
 * @param what the tile, as in `subblock 3 (plane t=1 of /0)`
 * @param fault what is wrong with it, as the end of a sentence
 */
export function corruptTile(
  source: ByteSource,
  what: string,
  fault: string,
  cause?: unknown,
): CorruptDataError {
  source.checkUnchanged?.();
  return new CorruptDataError(
    `${source.name} is damaged or was not copied completely: ${what} ${fault}`,
    { location: source.name },
    { cause },
  );
}
