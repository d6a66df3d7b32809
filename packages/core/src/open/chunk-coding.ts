import { countElements } from "../image/grid-order.js";
import { type Codec, type CodecChain, plainName, splitChain, undecodable } from "../zarr/codec/codec.js";
import type { CodingTask } from "../zarr/codec/coding-task.js";
import { splitCodecsV2 } from "../zarr/codec/filters-v2.js";
import { downgradeFillValue, itemSizeOf, parseDataTypeV2, widenHalves } from "../zarr/data-types.js";
import { guardedInteger, type JsonObject } from "../zarr/json.js";
import type { ArrayNode } from "../zarr/zarr-node.js";

/** How the chunks of an array are encoded, for comparing and decoding them. */
export interface ChunkCoding {
  /** Arrays with the same layout decode the same bytes to the same elements. */
  readonly layout: string;
  /** How to undo compressors and checksums; undefined where only zarrita can decode the chunks, as with filters. */
  readonly plain: DecodedChunks | undefined;
}

/** Chunks without compression and checksums. */
export interface DecodedChunks {
  /** Arrays with the same text have the same bytes for the same elements. */
  readonly elements: string;
  /** Decompresses a chunk; undefined where that is not needed. */
  readonly task: CodingTask | undefined;
  /** The codecs that encode elements as bytes, by their names in Zarr v3. */
  readonly toBytes: readonly Codec[];
  /** The compressors and checksums, in the order of encoding. */
  readonly ofBytes: readonly Codec[];
  /** The metadata of an array that consists of such chunks, without shards. */
  readonly node: ArrayNode;
}

/** The encoding of an array's chunks; inside the shards for a sharded array. */
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
  // Compressed bytes contain what is needed to decompress them, so the settings do not matter.
  const names = ofBytes.map(({ name, configuration }) =>
    plainName(name) === "shuffle" ? ["shuffle", configuration["elementsize"] ?? null] : plainName(name),
  );
  const elements = toBytes.map(({ name, configuration }) =>
    name === "bytes" && itemSize === 1 ? [name] : [name, configuration],
  );
  const decoded = JSON.stringify([array.dtype, elements]);
  const size = countElements(array.chunkShape) * itemSize;
  const from = { kind: "bytes", codecs: ofBytes } as const;
  return {
    layout: JSON.stringify([decoded, names]),
    plain: {
      elements: decoded,
      task: ofBytes.length === 0 ? undefined : { kind: "recode", from, to: [], size },
      toBytes,
      ofBytes,
      node: zarrFormat === 3 ? plainV3(node, toBytes) : plainV2(node),
    },
  };
}

/** The codecs of a Zarr v2 array in terms of v3; undefined for filters that calculate, such as delta. */
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

/** Chunks of a data type that zarrita has no arrays for, in terms of one that it has arrays for. */
export interface ElementParts extends DecodedChunks {
  /** The names of the parts of an element, which are one more dimension; empty where an element is one number. */
  readonly parts: readonly string[];
  /** Converts decoded bytes to the data type of `node`. */
  readonly widen?: ((bytes: Uint8Array) => Uint8Array) | undefined;
  /** The bytes of a missing chunk; undefined where `node` has the same fill value. */
  readonly missing?: (() => Uint8Array) | undefined;
}

/** The names of the parts of an element that JavaScript has no number for; none for all other data types. */
export function partNames(dtype: string): readonly string[] {
  if (/^complex(?:64|128)$/.test(dtype)) return ["real part", "imaginary part"];
  const raw = /^r(\d+)$/.exec(dtype)?.[1];
  return Array.from({ length: Number(raw ?? 0) / 8 }, (_, k) => `byte ${k}`);
}

/**
 * Complex numbers as two floats each, raw bits as bytes, and float16, which not every JavaScript engine has, as float32.
 * Undefined for all other types, and where another codec than a transposition precedes `bytes`.
 *
 * @param plain of the same node
 */
export function elementParts(node: ArrayNode, plain: DecodedChunks): ElementParts | undefined {
  const { dtype } = node.array;
  const { toBytes } = plain;
  const bytes = toBytes.at(-1);
  const isBig = bytes?.configuration["endian"] === "big";
  if (!toBytes.slice(0, -1).every(isPermutation)) return undefined;
  if (dtype === "float16") {
    const order = { name: "bytes", configuration: { endian: "little" } };
    const widened = asArray(node, {
      dtype: "float32",
      toBytes: [...toBytes.slice(0, -1), order],
      fillValue: downgradeFillValue(node.array.fillValue ?? 0, dtype),
    });
    return { ...plain, node: widened, parts: [], widen: (half) => widenHalves(half, isBig) };
  }
  const complex = /^complex(64|128)$/.exec(dtype)?.[1];
  if (complex !== undefined) {
    const width = Number(complex) / 16;
    const parts = partNames(dtype);
    const fill = fillParts(downgradeFillValue(node.array.fillValue, dtype));
    const missing = (): Uint8Array => {
      const element = new DataView(new ArrayBuffer(2 * width));
      for (const [k, part] of fill.entries()) {
        if (width === 4) element.setFloat32(k * width, part, !isBig);
        else element.setFloat64(k * width, part, !isBig);
      }
      return repeated(new Uint8Array(element.buffer), node);
    };
    return { ...plain, node: asArray(node, { dtype: `float${width * 8}`, toBytes, parts }), parts, missing };
  }
  const raw = /^r(\d+)$/.exec(dtype)?.[1];
  if (raw === undefined) return undefined;
  const parts = partNames(dtype);
  const { fillValue } = node.array;
  const missing = (): Uint8Array =>
    repeated(
      Uint8Array.from(parts, (_, k) => Number(Array.isArray(fillValue) ? fillValue[k] : 0)),
      node,
    );
  return { ...plain, node: asArray(node, { dtype: "uint8", toBytes, parts }), parts, missing };
}

function isPermutation({ name, configuration }: Codec): boolean {
  return name === "transpose" && Array.isArray(configuration["order"]);
}

interface PlainElements extends Pick<DecodedChunks, "toBytes"> {
  readonly dtype: string;
  /** As in {@link ElementParts}. */
  readonly parts?: readonly string[];
  readonly fillValue?: unknown;
}

/** An unsharded array of Zarr v3 with the same chunks, and the parts along one more dimension. */
function asArray(
  { path, attributes, array }: ArrayNode,
  { dtype, toBytes, parts = [], fillValue = 0 }: PlainElements,
): ArrayNode {
  const added = parts.length === 0 ? [] : [parts.length];
  const [shape, chunkShape] = [
    [...array.shape, ...added],
    [...array.chunkShape, ...added],
  ];
  const codecs = toBytes.map(({ name, configuration }) => {
    const { order } = configuration;
    const needsAxis = name === "transpose" && Array.isArray(order) && added.length > 0;
    return needsAxis ? { name, configuration: { order: [...order, order.length] } } : { name, configuration };
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

/** The two parts of a complex fill value. In Zarr v2 it may be undefined, or one number for the real part. */
function fillParts(fillValue: unknown): number[] {
  const parts: unknown[] = Array.isArray(fillValue) ? fillValue : [fillValue, 0];
  return parts.slice(0, 2).map((part) => Number(guardedInteger(part) ?? part ?? 0));
}

/** A chunk whose elements all have these bytes. */
function repeated(element: Uint8Array, { array }: ArrayNode): Uint8Array {
  const count = countElements(array.chunkShape);
  const chunk = new Uint8Array(count * element.length);
  for (let k = 0; k < count; k++) chunk.set(element, k * element.length);
  return chunk;
}
