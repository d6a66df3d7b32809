import { type ByteSource, createPacer, type ReadOptions, readAhead } from "@ozx/core";
import type { DirectoryParser } from "../directory/parse.js";
import type { ArchiveEnd } from "./archive-end.js";

/** Bytes of directory in one read: of a file, and of what is far away, where each read has to wait. */
const PIECE = { near: 1024 * 1024, far: 8 * 1024 * 1024 };

/**
 * Gives a parser all that it has not taken yet of the central directory, piece by piece, so that the directory is
 * never in memory as a whole. When it fails half-way, what was taken need not be read again.
 *
 * @throws RecordError when the directory is damaged
 */
export async function readDirectory(
  source: ByteSource,
  end: ArchiveEnd,
  parser: DirectoryParser,
  options?: ReadOptions,
): Promise<void> {
  const pause = createPacer();
  const pieces = piecesOf(parser.taken, end.directorySize, source.readSync ? PIECE.near : PIECE.far);
  const read = ([from, to]: readonly [number, number]): Promise<Uint8Array> =>
    source.read(end.directoryOffset + from, to - from, options);
  for await (const bytes of readAhead(pieces, 2, read)) {
    options?.signal?.throwIfAborted();
    parser.push(bytes);
    await pause();
  }
}

function* piecesOf(from: number, to: number, size: number): Generator<readonly [number, number]> {
  for (let at = from; at < to; at += size) yield [at, Math.min(to, at + size)];
}
