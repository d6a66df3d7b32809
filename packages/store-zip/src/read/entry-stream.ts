import type { ReadOptions } from "@ozx/core";
import { crc32 } from "../crc32/crc32.js";
import type { DirectoryEntry } from "../directory/central-directory.js";
import { METHOD_STORED } from "../records/flags.js";
import type { ZipArchive } from "./archive.js";
import { checkCrc } from "./check-entry.js";
import { entryInflater } from "./inflate.js";
import { readLocalHeader } from "./local-data.js";

/** How much is read from the file at once. */
const BLOCK = 1024 * 1024;

/**
 * An entry's data piece by piece, inflated where it is deflated. The CRC is checked at the end: a corrupt
 * entry makes the stream fail instead of close.
 */
export function streamEntryData(
  archive: ZipArchive,
  entry: DirectoryEntry,
  options?: ReadOptions,
): ReadableStream<Uint8Array> {
  const pieces = entry.method === METHOD_STORED ? storedPieces : inflatedPieces;
  const iterator = checkedPieces(archive, entry, pieces(archive, entry, options));
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await iterator.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await iterator.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}

async function* checkedPieces(
  archive: ZipArchive,
  entry: DirectoryEntry,
  pieces: AsyncGenerator<Uint8Array>,
): AsyncGenerator<Uint8Array, undefined> {
  let crc = 0;
  for await (const piece of pieces) {
    crc = crc32(piece, crc);
    yield piece;
  }
  checkCrc(archive, entry, crc);
}

async function* storedPieces(
  archive: ZipArchive,
  entry: DirectoryEntry,
  options?: ReadOptions,
): AsyncGenerator<Uint8Array> {
  const start = entry.headerOffset + (await readLocalHeader(archive, entry, options)).dataStart;
  for (let at = 0; at < entry.compressedSize; at += BLOCK) {
    yield await archive.source.read(start + at, Math.min(BLOCK, entry.compressedSize - at), options);
  }
}

async function* inflatedPieces(
  archive: ZipArchive,
  entry: DirectoryEntry,
  options?: ReadOptions,
): AsyncGenerator<Uint8Array> {
  const inflater = entryInflater(archive, entry);
  for await (const block of storedPieces(archive, entry, options)) {
    // Small steps, so that no more than one step's output waits to be taken.
    for (let at = 0; at < block.length; at += INFLATE_STEP) {
      options?.signal?.throwIfAborted();
      const out: Uint8Array[] = [];
      inflater.push(block.subarray(at, at + INFLATE_STEP), (data) => out.push(data));
      yield* out;
    }
  }
  const rest: Uint8Array[] = [];
  inflater.finish((data) => rest.push(data));
  yield* rest;
}

const INFLATE_STEP = 16 * 1024;
