import { gzipSync } from "node:zlib";
import { encodeShard } from "./sample/encode-array.js";

type Json = { readonly [name: string]: unknown };

/** Elements in C order as their little-endian bytes. */
interface Elements {
  readonly bytes: Uint8Array;
  readonly shape: readonly number[];
  /** Bytes of an element. */
  readonly itemSize: number;
}

/**
 * Encodes a chunk by any chain of `transpose`, `bytes` or `sharding_indexed`, and `gzip`, one inside the other as in the
 * document. Inner chunks of zeros only are missing in their shards.
 */
export function encodeChain(codecs: readonly Json[], elements: Elements): Uint8Array {
  let current = elements;
  let encoded: Uint8Array | undefined;
  for (const { name, configuration = {} } of codecs) {
    const options = configuration as Json;
    if (name === "transpose") current = transposed(current, options["order"] as readonly number[]);
    else if (name === "bytes") {
      encoded = options["endian"] === "big" ? swapped(current) : current.bytes.slice();
    } else if (name === "sharding_indexed") encoded = sharded(current, options);
    else if (name === "gzip" && encoded !== undefined) encoded = new Uint8Array(gzipSync(encoded));
    else throw new TypeError(`the codec ${String(name)} is not for tests`);
  }
  if (encoded === undefined) throw new TypeError("no codec makes bytes of the elements");
  return encoded;
}

function sharded({ bytes, shape, itemSize }: Elements, configuration: Json): Uint8Array {
  const chunkShape = configuration["chunk_shape"] as readonly number[];
  const chunks = positions(shape.map((extent, axis) => extent / (chunkShape[axis] ?? 1))).map((position) => {
    const inner = new Uint8Array(product(chunkShape) * itemSize);
    for (const [k, at] of positions(chunkShape).entries()) {
      const from = indexOf(
        at.map((index, axis) => index + (position[axis] ?? 0) * (chunkShape[axis] ?? 1)),
        shape,
      );
      inner.set(bytes.subarray(from * itemSize, (from + 1) * itemSize), k * itemSize);
    }
    if (inner.every((byte) => byte === 0)) return undefined;
    return encodeChain(configuration["codecs"] as Json[], { bytes: inner, shape: chunkShape, itemSize });
  });
  return encodeShard(chunks);
}

function transposed({ bytes, shape, itemSize }: Elements, order: readonly number[]): Elements {
  const permuted = order.map((axis) => shape[axis] ?? 1);
  const out = new Uint8Array(bytes.length);
  for (const [k, at] of positions(permuted).entries()) {
    const original: number[] = [];
    for (const [from, axis] of order.entries()) original[axis] = at[from] ?? 0;
    const from = indexOf(original, shape);
    out.set(bytes.subarray(from * itemSize, (from + 1) * itemSize), k * itemSize);
  }
  return { bytes: out, shape: permuted, itemSize };
}

function swapped({ bytes, itemSize }: Elements): Uint8Array {
  return bytes.map((_, at) => bytes[at - (at % itemSize) + itemSize - 1 - (at % itemSize)] ?? 0);
}

function indexOf(position: readonly number[], shape: readonly number[]): number {
  return position.reduce((sum, at, axis) => sum * (shape[axis] ?? 1) + at, 0);
}

function positions(grid: readonly number[]): number[][] {
  const [extent, ...rest] = grid;
  if (extent === undefined) return [[]];
  return Array.from({ length: extent }, (_, at) => positions(rest).map((tail) => [at, ...tail])).flat();
}

function product(extents: readonly number[]): number {
  return extents.reduce((all, extent) => all * extent, 1);
}
