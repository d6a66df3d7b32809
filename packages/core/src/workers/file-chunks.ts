import { createThrottle } from "../bytes/concurrency.js";
import type { FilePart } from "../bytes/file-part.js";
import type { Codecs } from "../codecs/codecs.js";
import { type PlaceTarget, type PlaceTask, placeChunk } from "./place-chunks.js";

/** A chunk whose stored bytes lie in a file. */
export interface FileChunk {
  readonly position: readonly number[];
  readonly part: FilePart;
}

/** Chunks that are read from files and put into a block, as data that another thread can be sent. */
export interface FileChunks {
  readonly chunks: readonly FileChunk[];
  /** The most bytes that one of them has as it is stored. */
  readonly atMost: number;
}

/** Reads parts of files by calls that block. */
export interface PartReader {
  /**
   * The bytes of a part, in memory that the next call overwrites; `missing` where a folder has no such file, and so no
   * such key. Undefined where they cannot be had this way, for whatever reason: their store reads and reports it.
   *
   * @param atMost the most bytes that are read
   */
  read(part: FilePart, atMost: number): Uint8Array | "missing" | undefined;
  /** Closes the file that was read last. Memory is kept. */
  close(): void;
}

/**
 * Reads chunks and decodes them into a block.
 *
 * @returns those that could not be placed, by their index: read and placed by way of their store, they either can, or the
 *   error tells why not
 */
export function placeFileChunks(
  task: PlaceTask,
  { chunks, atMost }: FileChunks,
  target: PlaceTarget,
  { reader, codecs }: { readonly reader: PartReader; readonly codecs: Codecs },
): number[] {
  const left: number[] = [];
  try {
    for (const [index, { position, part }] of chunks.entries()) {
      const bytes = reader.read(part, atMost);
      if (bytes === undefined || !isPlaced(task, { position, bytes }, target, codecs)) left.push(index);
    }
  } finally {
    reader.close();
  }
  return left;
}

/** Reads parts of files while this thread does something else. */
export interface AsyncPartReader {
  /** As `read` of a {@link PartReader}; one call at a time. */
  read(part: FilePart, atMost: number): Promise<Uint8Array | "missing" | undefined>;
  /** As in {@link PartReader}. */
  close(): void;
}

/** Like {@link placeFileChunks}, for a thread that other work waits for: it reads without blocking. */
export async function placeFileChunksHere(
  task: PlaceTask,
  { chunks, atMost }: FileChunks,
  target: PlaceTarget,
  {
    reader,
    codecs,
    signal,
  }: { readonly reader: AsyncPartReader; readonly codecs: Codecs; readonly signal?: AbortSignal | undefined },
): Promise<number[]> {
  const left: number[] = [];
  const pause = createThrottle({ signal });
  try {
    for (const [index, { position, part }] of chunks.entries()) {
      signal?.throwIfAborted();
      const bytes = await reader.read(part, atMost);
      if (bytes === undefined || !isPlaced(task, { position, bytes }, target, codecs)) left.push(index);
      await pause();
    }
  } finally {
    reader.close();
  }
  return left;
}

function isPlaced(
  task: PlaceTask,
  { position, bytes }: { readonly position: readonly number[]; readonly bytes: Uint8Array | "missing" },
  target: PlaceTarget,
  codecs: Codecs,
): boolean {
  try {
    placeChunk(task, { position, bytes: bytes === "missing" ? undefined : bytes }, target, codecs);
    return true;
  } catch {
    return false;
  }
}
