import type { Codecs } from "../../codecs/codecs.js";
import { countElements, gridShape, positionsOf } from "../../image/grid-order.js";
import { isJsonObject, type JsonObject } from "../json.js";
import { extentAt, parseShardIndex, type ShardIndex } from "../shard/shard-index.js";
import { divides, indexLayout } from "../shard/shard-layout.js";
import { type Codec, codecOf, undecodable } from "./codec.js";
import { decodeBytes } from "./decode-bytes.js";
import { copyBlock, fillElements, swapBytes, untransposed } from "./element-blocks.js";

/** How stored objects of any chain of codecs are decoded: shards in shards, and codecs before and after shards. */
export interface ArrayTask {
  readonly kind: "array";
  /** In the order of encoding, as in the document. */
  readonly codecs: readonly JsonObject[];
  /** The shape of an object: of a shard where there are shards. */
  readonly shape: readonly number[];
  /** Bytes of an element. */
  readonly itemSize: number;
  /** Bytes of the numbers that an element consists of: half an element for complex numbers. */
  readonly width: number;
  /** The bytes of the fill value. */
  readonly fill: readonly number[];
}

/** The largest decoded object, in bytes: it is decoded as a whole. */
const LARGEST = 1024 * 1024 * 1024;

/**
 * Why objects with a chain of codecs cannot be decoded, as the name of what is not supported: `the codec jpeg2k`; undefined
 * where they can.
 *
 * @param shape of an object
 */
export function chainFault(
  codecs: readonly unknown[],
  shape: readonly number[],
  itemSize: number,
): string | undefined {
  if (countElements(shape) * itemSize > LARGEST) return `a chunk of more than ${LARGEST} bytes`;
  const { transposes, toBytes, ofBytes, others } = splitAt(codecs);
  if (toBytes === undefined) return `the codec ${others[0]?.name ?? "of elements"}`;
  if (others[0] !== undefined) return `the codec ${others[0].name} before ${toBytes.name}`;
  const inner = transposes.reduce(
    (permuted, { configuration }) => permute(permuted, orderOf(configuration)),
    shape,
  );
  const [unknown] = undecodable(ofBytes);
  if (unknown !== undefined) return `the codec ${unknown}`;
  if (toBytes.name === "bytes") return undefined;
  const { chunk_shape: chunkShape, codecs: innerCodecs } = toBytes.configuration;
  if (!isShape(chunkShape, inner.length) || !divides(chunkShape, inner))
    return "shards that chunks do not fill";
  const layout = indexLayout(toBytes.configuration, gridShape(inner, chunkShape));
  if (typeof layout === "string") return "shards whose index is not plain numbers with a checksum";
  return Array.isArray(innerCodecs) ? chainFault(innerCodecs, chunkShape, itemSize) : "shards without codecs";
}

/**
 * Decodes an object to its elements, in C order and little-endian. No length in it is trusted.
 *
 * @param task one without a {@link chainFault}
 * @returns the bytes, or what is wrong, as the end of a sentence about the object
 */
export function decodeArray(
  { codecs, shape, ...element }: ArrayTask,
  bytes: Uint8Array,
  platform: Codecs,
): Uint8Array | string {
  const { transposes, toBytes, ofBytes } = splitAt(codecs);
  if (toBytes === undefined) return "has no codec for its elements";
  const orders = transposes.map(({ configuration }) => orderOf(configuration));
  const encodedShape = orders.reduce(permute, shape);
  const size = countElements(shape) * element.itemSize;
  // A shard has its chunks, which may be a little longer than what they decode to, and an index.
  const room = toBytes.name === "bytes" ? size : { atMost: 2 * size + 64 * 1024 * 1024 };
  const undone = ofBytes.length === 0 ? bytes : decodeBytes(ofBytes, bytes, room, platform);
  if (typeof undone === "string") return undone;
  const elements =
    toBytes.name === "bytes"
      ? plainElements(undone, toBytes, size, element.width)
      : decodeShard(undone, toBytes, { shape: encodedShape, ...element }, platform);
  if (typeof elements === "string") return elements;
  return orders.reduceRight(
    ({ block, shape: stored }, order) => untransposed(block, stored, order, element.itemSize),
    { block: elements, shape: encodedShape },
  ).block;
}

function plainElements(
  bytes: Uint8Array,
  { configuration }: Codec,
  size: number,
  width: number,
): Uint8Array | string {
  if (bytes.length !== size) return `decodes to ${bytes.length} and not to ${size} bytes`;
  return configuration["endian"] === "big" && width > 1 ? swapBytes(bytes, width) : bytes;
}

function decodeShard(
  bytes: Uint8Array,
  { configuration }: Codec,
  task: Omit<ArrayTask, "kind" | "codecs">,
  platform: Codecs,
): Uint8Array | string {
  const { shape, itemSize, fill } = task;
  const chunkShape = configuration["chunk_shape"] as readonly number[];
  const codecs = configuration["codecs"] as readonly JsonObject[];
  const grid = gridShape(shape, chunkShape);
  const index = indexOf(bytes, configuration, grid);
  if (typeof index === "string") return index;
  const out = fillElements(countElements(shape), fill);
  let chunk = 0;
  for (const position of positionsOf(grid)) {
    const extent = extentAt(index, chunk++);
    if (extent === undefined) continue;
    if (extent.offset + extent.length > bytes.length)
      return `has a chunk at (${position.join(", ")}) that ends beyond it`;
    const stored = bytes.subarray(extent.offset, extent.offset + extent.length);
    const decoded = decodeArray({ kind: "array", ...task, codecs, shape: chunkShape }, stored, platform);
    if (typeof decoded === "string") return `has a chunk at (${position.join(", ")}) that ${decoded}`;
    const origin = position.map((at, axis) => at * (chunkShape[axis] ?? 1));
    copyBlock({ block: decoded, shape: chunkShape }, { block: out, shape }, origin, itemSize);
  }
  return out;
}

function indexOf(bytes: Uint8Array, configuration: JsonObject, grid: readonly number[]): ShardIndex | string {
  const layout = indexLayout(configuration, grid);
  if (typeof layout === "string") return `has an index that cannot be read: ${layout}`;
  const { indexSize, location } = layout;
  if (bytes.length < indexSize) return `has ${bytes.length} bytes, fewer than its index`;
  const part = location === "start" ? bytes.subarray(0, indexSize) : bytes.subarray(bytes.length - indexSize);
  const index = parseShardIndex(part, layout);
  return typeof index === "string" ? `has an index that ${index}` : index;
}

/** A chain in three: transpositions, the codec of elements, and the codecs of bytes. */
interface SplitChain {
  readonly transposes: readonly Codec[];
  readonly toBytes: Codec | undefined;
  readonly ofBytes: readonly Codec[];
  /** Other codecs before that of elements. */
  readonly others: readonly Codec[];
}

function splitAt(codecs: readonly unknown[]): SplitChain {
  const named = codecs.map(codecOf);
  const at = named.findIndex(({ name }) => name === "bytes" || name === "sharding_indexed");
  const before = at < 0 ? named : named.slice(0, at);
  const isTranspose = ({ name, configuration }: Codec): boolean =>
    name === "transpose" && Array.isArray(configuration["order"]);
  return {
    transposes: before.filter(isTranspose),
    toBytes: at < 0 ? undefined : named[at],
    ofBytes: at < 0 ? [] : named.slice(at + 1),
    others: before.filter((codec) => !isTranspose(codec)),
  };
}

function orderOf({ order }: JsonObject): readonly number[] {
  return Array.isArray(order) ? (order as readonly number[]) : [];
}

/** The shape after a transposition. */
function permute(shape: readonly number[], order: readonly number[]): readonly number[] {
  return order.map((axis) => shape[axis] ?? 1);
}

function isShape(value: unknown, rank: number): value is readonly number[] {
  return (
    Array.isArray(value) && value.length === rank && value.every((n) => Number.isSafeInteger(n) && n >= 1)
  );
}

/** Whether a codec is that of shards. */
export function isSharding(codec: unknown): boolean {
  return codecOf(codec).name === "sharding_indexed";
}

/** The codecs of an array of Zarr v3, as objects. */
export function chainOf(document: JsonObject): readonly JsonObject[] {
  const { codecs } = document;
  if (!Array.isArray(codecs)) return [];
  return codecs.map((codec: unknown) => (isJsonObject(codec) ? codec : { name: codec }));
}
