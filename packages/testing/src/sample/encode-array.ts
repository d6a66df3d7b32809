import type { SampleArray } from "./arrays.js";
import { type Box, cutBox, gridOf, positions, toFortranOrder } from "./chunks.js";
import { compress } from "./compress.js";
import type { Sample } from "./options.js";
import { encodeShard } from "./shard.js";
import { toBytes } from "./values.js";

/** One stored object of an array: its key below the array and its bytes. */
export interface EncodedChunk {
  readonly key: string;
  readonly value: Uint8Array;
}

/** Encodes an array's chunks or shards. What holds nothing but the fill value is left out, as writers do. */
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

/** numcodecs' `vlen-utf8`: how many, then each string's length in bytes and its UTF-8; 32 bits, little-endian. */
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
