import { CorruptDataError, type ReadOptions } from "@ozx/core";
import { type BlockingReader, concatBytes } from "@ozx/core/container";
import { Inflate } from "fflate";
import { crc32 } from "../crc32/crc32.js";
import type { DirectoryEntry } from "../directory/central-directory.js";
import { METHOD_STORED } from "../records/fields.js";
import type { ZipArchive } from "./archive.js";
import { checkCrc } from "./check-entry.js";
import { readLocalHeader, readLocalHeaderSync } from "./local-data.js";

/** Bytes of one read. */
const READ_BLOCK = 1024 * 1024;

/**
 * An entry's data in pieces, inflated if it is deflated. The CRC is checked at the end: the stream of a corrupt entry
 * fails with `CorruptDataError` instead of closing.
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
  for (let at = 0; at < entry.compressedSize; at += READ_BLOCK) {
    yield await archive.source.read(start + at, Math.min(READ_BLOCK, entry.compressedSize - at), options);
  }
}

async function* inflatedPieces(
  archive: ZipArchive,
  entry: DirectoryEntry,
  options?: ReadOptions,
): AsyncGenerator<Uint8Array> {
  const inflater = entryInflater(archive, entry);
  for await (const block of storedPieces(archive, entry, options)) {
    // Small steps, so that no more than one step's output is waiting to be read.
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

/** A deflated entry's whole data. Memory is allocated as output arrives, not by the declared size. */
export function inflateEntry(
  archive: Pick<ZipArchive, "source">,
  entry: Pick<DirectoryEntry, "name" | "size" | "compressedSize">,
  compressed: Uint8Array,
): Uint8Array {
  const inflater = entryInflater(archive, entry);
  const pieces: Uint8Array[] = [];
  const keep = (data: Uint8Array): void => {
    pieces.push(data);
  };
  inflater.push(compressed, keep);
  inflater.finish(keep);
  return concatBytes(pieces);
}

/**
 * Compressed bytes that are pushed into fflate at once. It answers each push with all of the output, up to a thousand
 * times as much, so a small slice bounds what a zip bomb can make it allocate.
 */
const SLICE = 4096;

/**
 * fflate consumes at most a stored block of 64 KiB without output. More than twice that is beyond the stream's end;
 * fflate would keep all of it and copy it at every push.
 */
const MAX_WITHOUT_OUTPUT = 128 * 1024;

/** No deflate stream expands more than this (RFC 1951: 258 bytes from 2 bits). */
const MAX_RATIO = 1032;

/** Inflates an entry in pieces, and checks that its data has the declared size. */
export interface EntryInflater {
  push(compressed: Uint8Array, emit: (data: Uint8Array) => void): void;
  finish(emit: (data: Uint8Array) => void): void;
}

/**
 * An inflater for one entry. It stops at the first byte beyond the declared size.
 *
 * @throws CorruptDataError, as its methods do, for data that is not the declared size or not a deflate stream
 */
export function entryInflater(
  archive: Pick<ZipArchive, "source">,
  entry: Pick<DirectoryEntry, "name" | "size" | "compressedSize">,
): EntryInflater {
  const corrupt = (what: string, cause?: unknown): CorruptDataError =>
    new CorruptDataError(
      `${entry.name} in ${archive.source.name} is corrupt: ${what}`,
      { location: archive.source.name, path: entry.name },
      { cause },
    );
  if (entry.size > entry.compressedSize * MAX_RATIO) {
    throw corrupt(`${entry.compressedSize} deflated bytes cannot hold the ${entry.size} bytes it declares`);
  }
  let size = 0;
  let withoutOutput = 0;
  let sink: (data: Uint8Array) => void = () => {};
  const inflate = new Inflate((data) => {
    size += data.length;
    if (size > entry.size) throw corrupt(`it holds more than the ${entry.size} bytes it declares`);
    if (data.length === 0) return;
    withoutOutput = 0;
    sink(data);
  });
  const feed = (bytes: Uint8Array, final: boolean): void => {
    withoutOutput += bytes.length;
    if (withoutOutput > MAX_WITHOUT_OUTPUT) throw corrupt("more data follows the end of its deflate stream");
    try {
      inflate.push(bytes, final);
    } catch (cause) {
      throw cause instanceof CorruptDataError ? cause : corrupt("its deflate stream is damaged", cause);
    }
  };
  return {
    push(compressed, emit) {
      sink = emit;
      for (let at = 0; at < compressed.length; at += SLICE) feed(compressed.subarray(at, at + SLICE), false);
    },
    finish(emit) {
      sink = emit;
      feed(new Uint8Array(0), true);
      const rest = unreadBytes(inflate);
      if (rest > 0) throw corrupt(`${rest} bytes follow the end of its deflate stream`);
      if (size !== entry.size) throw corrupt(`it holds ${size} bytes and declares ${entry.size}`);
    },
  };
}

/**
 * How many whole bytes of input a finished stream has not used. fflate has no API for it, so its private fields are
 * read: `p` is the remaining input, and `s.p` the number of bits used of its first byte.
 */
function unreadBytes(inflate: Inflate): number {
  const input: unknown = Reflect.get(inflate, "p");
  const state: unknown = Reflect.get(inflate, "s");
  const usedBits: unknown = typeof state === "object" && state !== null ? Reflect.get(state, "p") : undefined;
  if (!(input instanceof Uint8Array) || typeof usedBits !== "number") {
    throw new TypeError("this version of fflate has no private fields p and s.p: update unreadBytes");
  }
  return input.length - Math.ceil(usedBits / 8);
}

/**
 * A blocking reader of a stored entry, for a source that has `readSync`. The CRC is checked with the last piece, which
 * is not returned if it is wrong.
 */
export function openStoredEntry(archive: ZipArchive, entry: DirectoryEntry): BlockingReader {
  const { source } = archive;
  const start = entry.headerOffset + readLocalHeaderSync(archive, entry).dataStart;
  let position = 0;
  let crc = 0;
  return {
    read(target) {
      const piece = target.subarray(0, entry.size - position);
      source.readSync?.(start + position, piece);
      crc = crc32(piece, crc);
      position += piece.length;
      if (position === entry.size) checkCrc(archive, entry, crc);
      return piece.length;
    },
    close() {},
  };
}
