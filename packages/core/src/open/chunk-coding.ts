import { type Codec, type CodecChain, plainName, splitChain, undecodable } from "../zarr/codec/codec.js";
import type { CodingTask } from "../zarr/codec/coding-task.js";
import { splitCodecsV2 } from "../zarr/codec/filters-v2.js";
import { downgradeFillValue, itemSizeOf, parseDataTypeV2, widenHalves } from "../zarr/data-types.js";
import { guardedInteger, type JsonObject } from "../zarr/json.js";
import type { ArrayNode } from "../zarr/zarr-node.js";

/** How the chunks of an array are encoded, as far as it takes to compare them. */
export interface ChunkCoding {
  /** Arrays with the same text decode the same bytes to the same elements. */
  readonly layout: string;
  /** How compressors and checksums are undone; undefined where it is zarrita's own affair, as with filters. */
  readonly plain: DecodedChunks | undefined;
}

/** Chunks without what compresses them. */
export interface DecodedChunks {
  /** Undefined where nothing is to be undone. */
  readonly task: CodingTask | undefined;
  /** What makes bytes of the elements, by its names in Zarr v3. */
  readonly toBytes: readonly Codec[];
  /** The array as it would be if it were stored so, each chunk on its own. */
  readonly node: ArrayNode;
}

/** What is told of the chunks of an array, without shards around them. */
export function codingOf(node: ArrayNode): ChunkCoding {
  const { array, document, zarrFormat } = node;
  const itemSize = itemSizeOf(array.dtype);
  const chain = zarrFormat === 3 ? splitChain(array.codecs) : chainOfV2(node);
  if (itemSize === undefined || chain === undefined || undecodable(chain.ofBytes).length > 0) {
    const { dtype, order } = document;
    return {
      layout: JSON.stringify([zarrFormat, array.dtype, dtype, order, array.codecs]),
      plain: undefined,
    };
  }
  const { toBytes, ofBytes } = chain;
  // All of these say in what they have compressed how it is undone: their settings do not matter.
  const names = ofBytes.map(({ name, configuration }) =>
    plainName(name) === "shuffle" ? ["shuffle", configuration["elementsize"] ?? null] : plainName(name),
  );
  const elements = toBytes.map(({ name, configuration }) =>
    name === "bytes" && itemSize === 1 ? [name] : [name, configuration],
  );
  const size = array.chunkShape.reduce((product, extent) => product * extent, itemSize);
  const from = { kind: "bytes", codecs: ofBytes } as const;
  return {
    layout: JSON.stringify([array.dtype, elements, names]),
    plain: {
      task: ofBytes.length === 0 ? undefined : { kind: "recode", from, to: [], size },
      toBytes,
      node: zarrFormat === 3 ? plainV3(node, toBytes) : plainV2(node),
    },
  };
}

/** The codecs of Zarr v2 as v3 would have them; undefined where there are filters that calculate. */
function chainOfV2({ array, document }: ArrayNode): CodecChain | undefined {
  const { order, dtype } = document;
  const type = parseDataTypeV2(dtype);
  const { codecs, filters } = splitCodecsV2(document);
  if (type === undefined || filters.length > 0) return undefined;
  const bytes = { name: "bytes", configuration: { endian: type.order === ">" ? "big" : "little" } };
  const reversed = array.shape.map((_, axis) => axis).reverse();
  const transpose = { name: "transpose", configuration: { order: reversed } };
  return {
    toBytes: order === "F" && array.shape.length > 1 ? [transpose, bytes] : [bytes],
    ofBytes: codecs,
  };
}

function plainV2(node: ArrayNode): ArrayNode {
  return {
    ...node,
    document: { ...node.document, filters: null, compressor: null },
    array: { ...node.array, codecs: [] },
  };
}

function plainV3(node: ArrayNode, codecs: readonly Codec[]): ArrayNode {
  const { array } = node;
  const document: JsonObject = {
    ...node.document,
    chunk_grid: { name: "regular", configuration: { chunk_shape: array.chunkShape } },
    chunk_key_encoding: { name: "default", configuration: { separator: "/" } },
    codecs,
  };
  const chunkKey = { prefix: "c", separator: "/" } as const;
  return { ...node, document, array: { ...array, codecs, shardShape: undefined, chunkKey } };
}

/** Chunks of elements that zarrita has no arrays for, as those of an array that it has some for. */
export interface ElementParts extends DecodedChunks {
  /** What the parts of an element are, which lie along one more dimension; none where an element is one number. */
  readonly parts: readonly string[];
  /** Turns decoded bytes into those that `node` has. */
  readonly widen?: ((bytes: Uint8Array) => Uint8Array) | undefined;
  /** The bytes of a chunk that is missing; undefined where `node` has the same fill value. */
  readonly missing?: (() => Uint8Array) | undefined;
}

/**
 * Complex numbers as two floats each, raw bits as bytes, and float16, which not every JavaScript has, as float32.
 * Undefined for all other types, and where something else than a transposition comes before the bytes.
 */
export function elementParts(node: ArrayNode, plain: DecodedChunks): ElementParts | undefined {
  const { dtype } = node.array;
  const { toBytes } = plain;
  const bytes = toBytes.at(-1);
  const isBig = bytes?.configuration["endian"] === "big";
  if (!toBytes.slice(0, -1).every(isPermutation)) return undefined;
  if (dtype === "float16") {
    const order = { name: "bytes", configuration: { endian: "little" } };
    const fill = downgradeFillValue(node.array.fillValue ?? 0, dtype);
    const widened = asArray(node, "float32", [...toBytes.slice(0, -1), order], [], fill);
    return { ...plain, node: widened, parts: [], widen: (half) => widenHalves(half, isBig) };
  }
  const complex = /^complex(64|128)$/.exec(dtype)?.[1];
  if (complex !== undefined) {
    const width = Number(complex) / 16;
    const parts = ["real part", "imaginary part"];
    const fill = fillParts(downgradeFillValue(node.array.fillValue, dtype));
    const missing = (): Uint8Array => {
      const element = new DataView(new ArrayBuffer(2 * width));
      for (const [k, part] of fill.entries()) {
        if (width === 4) element.setFloat32(k * width, part, !isBig);
        else element.setFloat64(k * width, part, !isBig);
      }
      return repeated(new Uint8Array(element.buffer), node);
    };
    return { ...plain, node: asArray(node, `float${width * 8}`, toBytes, parts), parts, missing };
  }
  const raw = /^r(\d+)$/.exec(dtype)?.[1];
  if (raw === undefined) return undefined;
  const parts = Array.from({ length: Number(raw) / 8 }, (_, k) => `byte ${k}`);
  const { fillValue } = node.array;
  const missing = (): Uint8Array =>
    repeated(
      Uint8Array.from(parts, (_, k) => Number(Array.isArray(fillValue) ? fillValue[k] : 0)),
      node,
    );
  return { ...plain, node: asArray(node, "uint8", toBytes, parts), parts, missing };
}

function isPermutation({ name, configuration }: Codec): boolean {
  return name === "transpose" && Array.isArray(configuration["order"]);
}

/** An array of Zarr v3 with the same chunks, each on its own, and the parts along one more dimension. */
function asArray(
  { path, attributes, array }: ArrayNode,
  dtype: string,
  toBytes: readonly Codec[],
  parts: readonly string[],
  fillValue: unknown = 0,
): ArrayNode {
  const more = parts.length === 0 ? [] : [parts.length];
  const [shape, chunkShape] = [
    [...array.shape, ...more],
    [...array.chunkShape, ...more],
  ];
  const codecs = toBytes.map(({ name, configuration }) => {
    const { order } = configuration;
    const isMore = name === "transpose" && Array.isArray(order) && more.length > 0;
    return isMore ? { name, configuration: { order: [...order, order.length] } } : { name, configuration };
  });
  const document: JsonObject = {
    zarr_format: 3,
    node_type: "array",
    shape,
    data_type: dtype,
    chunk_grid: { name: "regular", configuration: { chunk_shape: chunkShape } },
    chunk_key_encoding: { name: "default", configuration: { separator: "/" } },
    fill_value: fillValue,
    codecs,
    attributes: {},
  };
  const chunkKey = { prefix: "c", separator: "/" } as const;
  const described = {
    ...array,
    shape,
    chunkShape,
    shardShape: undefined,
    dtype,
    codecs,
    chunkKey,
    fillValue,
  };
  return { kind: "array", path, zarrFormat: 3, attributes, document, array: described };
}

/** v2 may leave it undefined or give one number for both. */
function fillParts(fillValue: unknown): number[] {
  const parts: unknown[] = Array.isArray(fillValue) ? fillValue : [fillValue, 0];
  return parts.slice(0, 2).map((part) => Number(guardedInteger(part) ?? part ?? 0));
}

/** A chunk of which each element has these bytes. */
function repeated(element: Uint8Array, { array }: ArrayNode): Uint8Array {
  const count = array.chunkShape.reduce((product, extent) => product * extent, 1);
  const chunk = new Uint8Array(count * element.length);
  for (let k = 0; k < count; k++) chunk.set(element, k * element.length);
  return chunk;
}
