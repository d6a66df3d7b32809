import { promisify } from "node:util";
import { gzip } from "node:zlib";
import Blosc from "numcodecs/blosc";
import Zstd from "numcodecs/zstd";
import { type NumberArray, type NumberType, numberArray, toBytes } from "./numbers.js";
import type { SampleArray } from "./pixels.js";
import type { Sample, SampleCodec } from "./sample-options.js";

/** A stored object of an array: its key below the array, and its bytes. */
interface EncodedChunk {
  readonly key: string;
  readonly value: Uint8Array;
}

/** Encodes the chunks or shards of an array. Those with nothing but the fill value are omitted, as writers do. */
export async function* encodeArray(array: SampleArray, sample: Sample): AsyncGenerator<EncodedChunk> {
  const block = array.shardShape ?? array.chunkShape;
  for (const position of positions(gridOf(array.shape, block))) {
    const box = boxAt(position, block);
    const value = array.shardShape
      ? await encodeShardBox(array, box, sample)
      : await encodeChunk(array, box, sample);
    if (value !== undefined) yield { key: keyAt(position, sample), value };
  }
}

function boxAt(position: readonly number[], extent: readonly number[], origin?: readonly number[]): Box {
  return { start: position.map((n, axis) => n * (extent[axis] ?? 1) + (origin?.[axis] ?? 0)), extent };
}

function keyAt(position: readonly number[], { version, separator }: Sample): string {
  const indices = position.join(separator);
  return version === "0.5" ? `c${separator}${indices}` : indices;
}

async function encodeShardBox(
  array: SampleArray,
  shard: Box,
  sample: Sample,
): Promise<Uint8Array | undefined> {
  const chunks: (Uint8Array | undefined)[] = [];
  for (const position of positions(gridOf(shard.extent, array.chunkShape))) {
    chunks.push(await encodeChunk(array, boxAt(position, array.chunkShape, shard.start), sample));
  }
  return chunks.every((chunk) => chunk === undefined) ? undefined : encodeShard(chunks);
}

async function encodeChunk(array: SampleArray, box: Box, sample: Sample): Promise<Uint8Array | undefined> {
  const { content } = array;
  if (content.dtype === "string") {
    const [from = 0] = box.start;
    const [length = 0] = box.extent;
    const texts = Array.from({ length }, (_, i) => content.values[from + i] ?? "");
    return compress(encodeStrings(texts), sample.codec);
  }
  const values = cutBox({ shape: array.shape, ...content }, box);
  if (values.every((value) => value === 0)) return undefined;
  const ordered = sample.order === "F" ? toFortranOrder(values, content.dtype, box.extent) : values;
  return compress(toBytes(ordered, sample.byteOrder), sample.codec);
}

/** `vlen-utf8` of numcodecs: the number of strings, then the length and UTF-8 bytes of each; 32-bit little-endian. */
function encodeStrings(texts: readonly string[]): Uint8Array {
  const encoded = texts.map((text) => new TextEncoder().encode(text));
  const bytes = new Uint8Array(encoded.reduce((sum, text) => sum + 4 + text.length, 4));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, texts.length, true);
  let at = 4;
  for (const text of encoded) {
    view.setUint32(at, text.length, true);
    bytes.set(text, at + 4);
    at += 4 + text.length;
  }
  return bytes;
}

/** All positions of a grid, the last axis varying fastest. */
function* positions(grid: readonly number[]): Generator<number[]> {
  const count = grid.reduce((product, extent) => product * extent, 1);
  for (let n = 0; n < count; n++) {
    let rest = n;
    const position = grid.map(() => 0);
    for (let axis = grid.length - 1; axis >= 0; axis--) {
      const extent = grid[axis] ?? 1;
      position[axis] = rest % extent;
      rest = Math.floor(rest / extent);
    }
    yield position;
  }
}

/** The number of blocks along each axis of a shape. */
function gridOf(shape: readonly number[], block: readonly number[]): number[] {
  return shape.map((extent, axis) => Math.ceil(extent / (block[axis] ?? 1)));
}

/** A box of an array, which may extend beyond it. */
interface Box {
  readonly start: readonly number[];
  readonly extent: readonly number[];
}

/** Copies a box of an array in C order; elements beyond the array are 0. */
function cutBox(
  { shape, values, dtype }: { shape: readonly number[]; values: NumberArray; dtype: NumberType },
  { start, extent }: Box,
): NumberArray {
  const width = extent.at(-1) ?? 1;
  const box = numberArray(
    dtype,
    extent.reduce((product, n) => product * n, 1),
  );
  const valid = Math.min(width, (shape.at(-1) ?? 1) - (start.at(-1) ?? 0));
  let at = 0;
  for (const row of positions(extent.slice(0, -1))) {
    let from = 0;
    let inside = valid > 0;
    row.forEach((offset, axis) => {
      const index = (start[axis] ?? 0) + offset;
      inside &&= index < (shape[axis] ?? 1);
      from = from * (shape[axis] ?? 1) + index;
    });
    from = from * (shape.at(-1) ?? 1) + (start.at(-1) ?? 0);
    if (inside) box.set(values.subarray(from, from + valid), at);
    at += width;
  }
  return box;
}

/** Converts a box from C order to F order: the first axis varies fastest. */
function toFortranOrder(box: NumberArray, dtype: NumberType, extent: readonly number[]): NumberArray {
  const transposed = numberArray(dtype, box.length);
  let from = 0;
  for (const position of positions(extent)) {
    let to = 0;
    for (let axis = extent.length - 1; axis >= 0; axis--) {
      to = to * (extent[axis] ?? 1) + (position[axis] ?? 0);
    }
    transposed[to] = box[from++] ?? 0;
  }
  return transposed;
}

/**
 * Joins encoded chunks to a shard (Zarr v3, `sharding_indexed`): the chunks one after another, an index with the offset
 * and length of each one as 64-bit little-endian numbers, and the CRC-32C of the index.
 *
 * @param chunks undefined for a chunk with nothing but the fill value, which is not stored
 */
export function encodeShard(chunks: readonly (Uint8Array | undefined)[]): Uint8Array {
  const dataSize = chunks.reduce((sum, chunk) => sum + (chunk?.length ?? 0), 0);
  const shard = new Uint8Array(dataSize + chunks.length * 16 + 4);
  const view = new DataView(shard.buffer);
  let offset = 0;
  chunks.forEach((chunk, i) => {
    const entry = dataSize + i * 16;
    view.setBigUint64(entry, chunk === undefined ? ABSENT : BigInt(offset), true);
    view.setBigUint64(entry + 8, chunk === undefined ? ABSENT : BigInt(chunk.length), true);
    if (chunk === undefined) return;
    shard.set(chunk, offset);
    offset += chunk.length;
  });
  view.setUint32(shard.length - 4, crc32c(shard.subarray(dataSize, shard.length - 4)), true);
  return shard;
}

const ABSENT = 0xffff_ffff_ffff_ffffn;

/** CRC-32C (Castagnoli, RFC 3720 appendix B.4). */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) crc = (CRC32C_TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return (crc ^ 0xffff_ffff) >>> 0;
}

const CRC32C_TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let bit = 0; bit < 8; bit++) c = c & 1 ? 0x82f6_3b78 ^ (c >>> 1) : c >>> 1;
  return c;
});

interface Encoder {
  encode(data: Uint8Array): Uint8Array | Promise<Uint8Array>;
}

/** Compression levels, which the metadata must repeat. */
export const LEVELS = { gzip: 5, zstd: 3, blosc: 5 } as const;
/** The compressor inside blosc. */
export const BLOSC_COMPRESSOR = "lz4";

const zstd: Encoder = Zstd.fromConfig({ id: "zstd", level: LEVELS.zstd });
const blosc: Encoder = Blosc.fromConfig({
  id: "blosc",
  cname: BLOSC_COMPRESSOR,
  clevel: LEVELS.blosc,
  shuffle: 1,
  blocksize: 0,
});
const gzipAsync = promisify<Uint8Array, { level: number }, Uint8Array>(gzip);

/** Compresses the bytes of one chunk. */
async function compress(bytes: Uint8Array, codec: SampleCodec): Promise<Uint8Array> {
  switch (codec) {
    case "none":
      return bytes;
    case "gzip": {
      const out = new Uint8Array(await gzipAsync(bytes, { level: LEVELS.gzip }));
      // The header names the operating system (RFC 1952, 2.3.1); 255 is "unknown", the same everywhere.
      out[9] = 255;
      return out;
    }
    case "zstd":
      return new Uint8Array(await zstd.encode(bytes));
    case "blosc":
      return new Uint8Array(await blosc.encode(bytes));
  }
}
