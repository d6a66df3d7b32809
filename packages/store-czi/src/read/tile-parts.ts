import { type ByteSource, CorruptDataError, type ReadOptions } from "@ozx/core";
import { CziFault } from "../parse/fault.js";
import { CHUNK_HEADER, startsWithMask } from "../parse/mask.js";
import { parseSubblock, SUBBLOCK_HEADER, type Subblock } from "../parse/subblock.js";

/** Where the pixels of a tile are. */
export interface TileParts extends Subblock {
  /** Whether its attachment is a mask of the pixels that are painted. */
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
  const hasChunk = attachmentBytes >= CHUNK_HEADER;
  const [head, chunk] = await Promise.all([
    isCompressed ? source.read(pixels, Math.min(HEAD, pixelBytes), options) : NOTHING,
    hasChunk ? source.read(attachment, CHUNK_HEADER, options) : undefined,
  ]);
  return { ...subblock, head, isMasked: chunk !== undefined && startsWithMask(chunk) };
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
