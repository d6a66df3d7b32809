import type { AbsolutePath, ReadOptions } from "@ozx/core";
import { createThrottle, type FilePart, type FixedRange, type StoreFingerprint } from "@ozx/core/container";
import { crc32c } from "@ozx/core/internal";
import type { StoredChunk } from "./chunk-reader.js";
import { readRuns } from "./read-runs.js";

/** Bytes of a piece of a stream. */
const PIECE = 1024 * 1024;

/** A chunk, or a document, in pieces. */
export function streamPieces(
  found: Uint8Array | StoredChunk,
  options?: ReadOptions,
): ReadableStream<Uint8Array> {
  const isBytes = found instanceof Uint8Array;
  const size = isBytes ? found.length : found.size;
  let at = 0;
  return new ReadableStream({
    async pull(controller) {
      options?.signal?.throwIfAborted();
      if (at >= size) return controller.close();
      const length = Math.min(PIECE, size - at);
      const piece = isBytes ? found.slice(at, at + length) : await readRuns(found, at, length, options);
      at += length;
      controller.enqueue(piece);
    },
  });
}

/** Where a chunk, or a range of it, lies in a file; undefined where that is not one run. */
export function partOf({ size, runs }: StoredChunk, range?: FixedRange): FilePart | undefined {
  const [run] = runs;
  const { offset, length } = range ?? { offset: 0, length: size };
  const isRun = run !== undefined && runs.length === 1 && run.at === 0;
  if (!isRun || offset < 0 || offset + length > run.length) return undefined;
  return run.source.locate?.({ offset: run.offset + offset, length });
}

/** Identifies files by their versions, and the keys. */
export async function fingerprintOf(
  versionOf: ReadonlyMap<string, string>,
  keys: Iterable<AbsolutePath>,
): Promise<StoreFingerprint> {
  const encoder = new TextEncoder();
  const pause = createThrottle();
  const versions = [...versionOf].sort(([a], [b]) => (a < b ? -1 : 1));
  let count = 0;
  let sum = crc32c(encoder.encode(JSON.stringify(versions)));
  for (const key of keys) {
    count++;
    sum = crc32c(encoder.encode(`${sum} ${key}`));
    await pause();
  }
  return { text: `${count} values in ${versions.length} files, ${sum.toString(16)}` };
}
