import { type Codec, type CodecChain, plainName, splitChain, undecodable } from "../zarr/codec/codec.js";
import type { CodingTask } from "../zarr/codec/coding-task.js";
import { splitCodecsV2 } from "../zarr/codec/filters-v2.js";
import { itemSizeOf, parseDataTypeV2 } from "../zarr/data-types.js";
import type { JsonObject } from "../zarr/json.js";
import type { ArrayNode } from "../zarr/zarr-node.js";

/** How the chunks of an array are encoded, as far as it takes to compare them. */
export interface ChunkCoding {
  /** Arrays with the same text decode the same bytes to the same elements. */
  readonly layout: string;
  /** How compressors and checksums are undone; undefined where it is zarrita's own affair, as with filters. */
  readonly plain: PlainChunks | undefined;
}

/** Chunks without what compresses them. */
export interface PlainChunks {
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
