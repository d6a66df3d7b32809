import { CorruptDataError, UnsupportedError } from "../errors.js";
import type { Store } from "../store/store.js";
import { nameBelow } from "../store/store-keys.js";
import { type ChunkTask, type ChunkWorkers, inlineWorkers } from "../workers/chunk-tasks.js";
import { chainOf } from "../zarr/codec/codec.js";
import { type ArrayTask, chainFault } from "../zarr/codec/decode-array.js";
import { isSharding } from "../zarr/codec/shard-chain.js";
import { downgradeFillValue, fillBytes, itemSizeOf } from "../zarr/data-types.js";
import type { JsonObject } from "../zarr/json.js";
import { shardLayout } from "../zarr/shard/shard-layout.js";
import { type ArrayNode, parseChunkKey } from "../zarr/zarr-node.js";
import { codingOf, elementParts } from "./chunk-coding.js";
import { type StoredChunks, storedChunks } from "./decoded-array.js";
import { checkChunksKnown, checkReadable } from "./open-array.js";

/** An array, and the store that its chunks are read from. */
export interface StoredArray {
  readonly store: Store;
  readonly node: ArrayNode;
}

/**
 * An array whose shards can only be decoded as a whole, because of codecs before or after `sharding_indexed`, with its
 * shards as chunks. All other arrays are returned as they are.
 */
export function shardsAsChunks(node: ArrayNode): ArrayNode {
  const { array, document } = node;
  if (typeof shardLayout(node) !== "string") return node;
  const chunkShape = array.shardShape ?? array.chunkShape;
  return { ...node, array: { ...array, chunkShape, shardShape: undefined, codecs: chainOf(document) } };
}

/**
 * An array that zarrita cannot read, as one that it can: with plain chunks that are decoded when they are read. These are
 * arrays of float16, which become float32 in every engine, and those with shards in shards, or codecs around shards,
 * whose shards become chunks. All other arrays are returned as they are.
 *
 * @param workers decode chunks; by default, the calling thread does
 * @throws UnsupportedError for codecs that cannot be decoded
 */
export function decodedView(array: StoredArray, workers: ChunkWorkers = inlineWorkers()): StoredArray {
  const coded = shardCoding(array) ?? halfCoding(array);
  if (coded === undefined) return array;
  const { store } = array;
  const { node, chunks, task } = coded;
  const { name } = store;
  const get: Store["get"] = async (key, options) => {
    const position = parseChunkKey(nameBelow(node.path, key), node.array);
    const bytes = position && (await chunks.get(position, options));
    if (position === undefined || bytes === undefined) return undefined;
    const decoded = await workers.run(task, bytes, options);
    if (typeof decoded !== "string") return decoded;
    throw new CorruptDataError(
      `chunk (${position.join(", ")}) of ${node.path} in ${name} cannot be read: it ${decoded}`,
      { location: name, path: node.path },
    );
  };
  const onlyWhole = (): never => {
    throw new TypeError("decoded chunks are read as a whole");
  };
  const { format, findings, unlisted } = store;
  return {
    store: {
      ...{ name, format, findings, unlisted, get },
      list: (options) => store.list(options),
      getRange: onlyWhole,
      stream: onlyWhole,
      close: async () => {},
    },
    node,
  };
}

/**
 * Refuses arrays whose pixels cannot be decoded.
 *
 * @throws UnsupportedError, InvalidMetadataError
 */
export function checkDecodable(written: ArrayNode, location: string): void {
  const node = shardsAsChunks(written);
  const hasShards = node.array.codecs.some(isSharding);
  if (!hasShards && node.array.dtype !== "float16") {
    checkReadable(node, location);
    return;
  }
  checkChunksKnown(written, location);
  const fault = hasShards ? shardFault(node) : halfFault(node);
  if (fault !== undefined) throw cannotDecode(node, location, fault);
}

function halfFault(node: ArrayNode): string | undefined {
  const { plain } = codingOf(node);
  return plain && elementParts(node, plain) ? undefined : "float16 with its codecs";
}

interface CodedArray {
  readonly node: ArrayNode;
  readonly chunks: StoredChunks;
  readonly task: ChunkTask;
}

/** How chunks with shards in them are decoded; undefined where there are none. */
function shardCoding({ store, node: written }: StoredArray): CodedArray | undefined {
  const node = shardsAsChunks(written);
  if (!node.array.codecs.some(isSharding)) return undefined;
  checkChunksKnown(written, store.name);
  const fault = shardFault(node);
  const chunks = storedChunks(store, node);
  if (fault !== undefined || chunks === undefined)
    throw cannotDecode(node, store.name, fault ?? "its shards");
  const { dtype, chunkShape, codecs, fillValue } = node.array;
  const fill = [...(fillBytes(fillValue, dtype) ?? [])];
  const task: ArrayTask = { kind: "array", codecs, shape: chunkShape, ...elementOf(dtype), fill };
  const isHalf = dtype === "float16";
  return {
    node: plainNode(node),
    chunks,
    task: isHalf ? { kind: "widen", first: task, isBig: false } : task,
  };
}

function shardFault({ array: { dtype, codecs, chunkShape } }: ArrayNode): string | undefined {
  const itemSize = itemSizeOf(dtype);
  return itemSize === undefined
    ? `${dtype} in shards of this kind`
    : chainFault(codecs, chunkShape, itemSize);
}

function elementOf(dtype: string): Pick<ArrayTask, "itemSize" | "width"> {
  const itemSize = itemSizeOf(dtype) ?? 1;
  if (dtype.startsWith("complex")) return { itemSize, width: itemSize / 2 };
  return { itemSize, width: dtype.startsWith("r") ? 1 : itemSize };
}

/** How chunks of float16 become float32; undefined for other types. */
function halfCoding({ store, node }: StoredArray): CodedArray | undefined {
  if (node.array.dtype !== "float16") return undefined;
  const { plain } = codingOf(node);
  const parts = plain && elementParts(node, plain);
  const chunks = storedChunks(store, node);
  if (plain === undefined || parts === undefined || chunks === undefined) {
    throw cannotDecode(node, store.name, "float16 with its codecs");
  }
  const isBig = plain.toBytes.at(-1)?.configuration["endian"] === "big";
  return { node: parts.node, chunks, task: { kind: "widen", first: plain.task, isBig } };
}

/** The array with plain chunks. */
function plainNode(node: ArrayNode): ArrayNode {
  const { array, document } = node;
  const isHalf = array.dtype === "float16";
  const dtype = isHalf ? "float32" : array.dtype;
  const codecs: readonly JsonObject[] = [{ name: "bytes", configuration: { endian: "little" } }];
  const fillValue = isHalf ? downgradeFillValue(array.fillValue ?? 0, "float16") : array.fillValue;
  const plain = {
    ...document,
    data_type: dtype,
    chunk_grid: { name: "regular", configuration: { chunk_shape: array.chunkShape } },
    chunk_key_encoding: { name: "default", configuration: { separator: "/" } },
    codecs,
    fill_value: fillValue,
  };
  const chunkKey = { prefix: "c", separator: "/" } as const;
  const described = { ...array, shardShape: undefined, dtype, codecs, fillValue, chunkKey };
  return { ...node, document: plain, array: described };
}

function cannotDecode({ path }: ArrayNode, location: string, feature: string): UnsupportedError {
  return new UnsupportedError(
    `${path} in ${location} cannot be read: ${feature} is not supported here; zarr-python can rewrite the array without it`,
    { location, path, feature },
  );
}
