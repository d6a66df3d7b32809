import type { ReadOptions } from "@ozx/core";
import type { FileRun, StoredChunk } from "./chunk-reader.js";

/** A part of a chunk in a new buffer. */
export async function readRuns(
  { runs }: StoredChunk,
  from: number,
  length: number,
  options?: ReadOptions,
): Promise<Uint8Array> {
  const read = async ({
    source,
    offset,
    length: runLength,
    at,
  }: FileRun): Promise<[Uint8Array, number] | undefined> => {
    const begin = Math.max(from, at);
    const end = Math.min(from + length, at + runLength);
    if (begin >= end) return undefined;
    return [await source.read(offset + begin - at, end - begin, options), begin - from];
  };
  const parts = (await Promise.all(runs.map(read))).filter((part) => part !== undefined);
  const [only] = parts;
  if (only !== undefined && parts.length === 1 && only[0].length === length) {
    const [bytes] = only;
    // A view would keep its neighbours in memory, and cannot be transferred to another thread.
    return bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice();
  }
  const whole = new Uint8Array(length);
  for (const [bytes, at] of parts) whole.set(bytes, at);
  return whole;
}

/**
 * Fills `target` from the start of a chunk, whose files can block.
 *
 * @returns how many bytes that were
 */
export function readRunsSync({ size, runs }: StoredChunk, target: Uint8Array): number {
  const length = Math.min(size, target.length);
  let done = 0;
  for (const { source, offset, at, length: runLength } of runs) {
    if (at >= length) break;
    // What no run covers is 0.
    target.fill(0, done, at);
    done = Math.min(length, at + runLength);
    source.readSync?.(offset, target.subarray(at, done));
  }
  target.fill(0, done, length);
  return length;
}
