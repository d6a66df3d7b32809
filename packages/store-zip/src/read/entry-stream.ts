import { type BlockingReader, CorruptDataError, concatBytes, type ReadOptions } from "@ozx/core";
import { Inflate } from "fflate";
import { crc32 } from "../crc32/crc32.js";
import type { DirectoryEntry } from "../directory/central-directory.js";
import { METHOD_STORED } from "../records/fields.js";
import type { ZipArchive } from "./archive.js";
import { checkCrc } from "./check-entry.js";
import { readLocalHeader, readLocalHeaderSync } from "./local-data.js";

/** How much is read from the file at once. */
const READ_BLOCK = 1024 * 1024;

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

/**
 * How much compressed data goes into fflate at once. It answers each push with all that comes out of it, up
 * to a thousand times as much, so that a small slice bounds what a bomb can make it allocate.
 */
const SLICE = 4096;

/**
 * The most that fflate takes in without giving anything out is a stored block of 64 KiB. More than twice that
 * lies behind the stream's end; fflate would keep all of it and copy it at every push.
 */
const MAX_SILENT = 128 * 1024;

/** No deflate stream expands more than this (RFC 1951: 258 bytes from 2 bits). */
const MAX_RATIO = 1032;

/** Turns deflated bytes, given piece by piece, into the entry's data, and checks that it has the declared size. */
export interface EntryInflater {
  push(compressed: Uint8Array, emit: (data: Uint8Array) => void): void;
  finish(emit: (data: Uint8Array) => void): void;
}

/**
 * An inflater for one entry. Stops with `CorruptDataError` at the first byte beyond the declared size, at a
 * stream that ends early, and at codes that are no deflate stream.
 */
export function entryInflater(archive: ZipArchive, entry: DirectoryEntry): EntryInflater {
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
  let silent = 0;
  let sink: (data: Uint8Array) => void = () => {};
  const inflate = new Inflate((data) => {
    size += data.length;
    if (size > entry.size) throw corrupt(`it holds more than the ${entry.size} bytes it declares`);
    if (data.length === 0) return;
    silent = 0;
    sink(data);
  });
  const feed = (bytes: Uint8Array, final: boolean): void => {
    silent += bytes.length;
    if (silent > MAX_SILENT) throw corrupt("more follows after the end of its deflate stream");
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
 * How many whole bytes a finished stream has left behind. fflate does not say, so its private fields are read:
 * `p`, the input that is not used up, of whose first byte `s.p` bits are.
 */
function unreadBytes(inflate: Inflate): number {
  const input: unknown = Reflect.get(inflate, "p");
  const state: unknown = Reflect.get(inflate, "s");
  const usedBits: unknown = typeof state === "object" && state !== null ? Reflect.get(state, "p") : undefined;
  if (!(input instanceof Uint8Array) || typeof usedBits !== "number") {
    throw new TypeError("this version of fflate keeps its input elsewhere");
  }
  return input.length - Math.ceil(usedBits / 8);
}

/** A deflated entry's whole data. What is allocated grows with what really comes out. */
export function inflateEntry(archive: ZipArchive, entry: DirectoryEntry, compressed: Uint8Array): Uint8Array {
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
 * Reads a stored entry piece by piece, at once; only for a source that has `readSync`. The CRC is checked with the
 * last piece, which is not given out where it is wrong.
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
