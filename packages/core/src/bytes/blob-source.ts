import { SourceChangedError, UnreadableError, UsageError } from "../errors.js";
import { type ByteSource, checkByteRange } from "./source-and-sink.js";

/**
 * A `ByteSource` over a Blob or File, read slice by slice, so that it is never in memory as a whole.
 *
 * @param name used in messages: the file's name by default
 * @throws UsageError when `blob` is not a Blob
 */
export function blobSource(
  blob: Blob,
  name: string = isBlob(blob) && "name" in blob ? String(blob.name) : "blob",
): ByteSource {
  if (!isBlob(blob)) {
    throw new UsageError(`${name} is not a Blob: pass a File, a Blob, or new Blob([bytes])`);
  }
  return sizedBlobSource({ blob, size: blob.size }, name);
}

/** A Blob whose size is known: a browser asks the disk for that of a file each time, while the page waits. */
export interface SizedBlob {
  readonly blob: Blob;
  readonly size: number;
}

/** As {@link blobSource}. */
export function sizedBlobSource({ blob, size }: SizedBlob, name: string): ByteSource {
  const readSlice = (offset: number, length: number): Promise<Uint8Array> =>
    // A slice asks for the size, too.
    bytesOf(length === size ? blob : blob.slice(offset, offset + length), length, name);
  const readBlocks = throughBlocks(readSlice, size);
  return {
    name,
    size,
    async read(offset, length, options) {
      options?.signal?.throwIfAborted();
      checkByteRange({ name, size }, offset, length);
      const bytes = await readBlocks(offset, length);
      options?.signal?.throwIfAborted();
      return bytes;
    },
    async close() {},
  };
}

async function bytesOf(part: Blob, length: number, name: string): Promise<Uint8Array> {
  let bytes: Uint8Array;
  try {
    bytes = new Uint8Array(await part.arrayBuffer());
  } catch (cause) {
    // Browsers reject with NotReadableError when the file on disk has changed since it was chosen.
    throw new UnreadableError(
      `${name} can no longer be read; it may have been changed or moved: choose it again`,
      { location: name },
      { cause },
    );
  }
  if (bytes.length !== length) {
    throw new SourceChangedError(`${name} changed its length while it was being read: choose it again`, {
      location: name,
    });
  }
  return bytes;
}

/** Bytes that are read at once where many small reads are next to each other, and how many such blocks are kept. */
const BLOCK = 256 * 1024;
const MOST_BLOCKS = 16;

type ReadBytes = (offset: number, length: number) => Promise<Uint8Array>;

/**
 * Reads a block where a second small read is in the same one: every slice of a file takes Chromium a quarter of a
 * millisecond, while the page waits. A read by itself stays as small as it is.
 */
function throughBlocks(read: ReadBytes, size: number): ReadBytes {
  const blocks = new Map<number, Promise<Uint8Array>>();
  let recent: readonly number[] = [];
  const blockAt = (index: number): Promise<Uint8Array> => {
    const known = blocks.get(index);
    if (known !== undefined) return known;
    const start = index * BLOCK;
    const block = read(start, Math.min(BLOCK, size - start));
    blocks.set(index, block);
    block.catch(() => blocks.delete(index));
    const [oldest] = blocks.keys();
    if (blocks.size > MOST_BLOCKS && oldest !== undefined) blocks.delete(oldest);
    return block;
  };
  return async (offset, length) => {
    const index = Math.floor(offset / BLOCK);
    const isWithin = length > 0 && offset + length <= (index + 1) * BLOCK;
    const isAgain = recent.includes(index);
    if (!isAgain) recent = [...recent.slice(1 - MOST_BLOCKS), index];
    if (!isWithin || length > BLOCK / 4 || !isAgain) return read(offset, length);
    const start = offset - index * BLOCK;
    return (await blockAt(index)).subarray(start, start + length);
  };
}

/** Whether a value is a Blob of any realm: frames and test environments have classes of their own. */
export function isBlob(value: unknown): value is Blob {
  if (typeof value !== "object" || value === null) return false;
  return "arrayBuffer" in value && "slice" in value && "size" in value;
}
