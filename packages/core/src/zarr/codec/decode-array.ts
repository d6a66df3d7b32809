import type { Codecs } from "../../codecs/codecs.js";
import { swapBytes } from "../../image/byte-order.js";
import { copyBox, fillBox, permutedStrides, stridesOf } from "../../image/copy-box.js";
import { countElements, gridShape } from "../../image/grid-order.js";
import type { JsonObject } from "../json.js";
import { divides, indexLayout } from "../shard/shard-layout.js";
import { type Codec, undecodable } from "./codec.js";
import { decodeBytes } from "./decode-bytes.js";
import { LARGEST_OBJECT, membersOf, splitAt } from "./shard-chain.js";

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
  if (countElements(shape) * itemSize > LARGEST_OBJECT) return `a chunk of more than ${LARGEST_OBJECT} bytes`;
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
  const decoded = ofBytes.length === 0 ? bytes : decodeBytes(ofBytes, { bytes, size: room }, platform);
  if (typeof decoded === "string") return decoded;
  const elements =
    toBytes.name === "bytes"
      ? plainElements(decoded, toBytes, size, element.width)
      : decodeShard(decoded, toBytes, { shape: encodedShape, ...element }, platform);
  if (typeof elements === "string") return elements;
  return transposedBack(elements, shape, orders, element.itemSize);
}

function plainElements(
  bytes: Uint8Array,
  { configuration }: Codec,
  size: number,
  width: number,
): Uint8Array | string {
  if (bytes.length !== size) return `decodes to ${bytes.length} and not to ${size} bytes`;
  if (configuration["endian"] !== "big" || width === 1) return bytes;
  // The bytes may be those of the store, which stay as they are.
  const elements = new Uint8Array(bytes);
  swapBytes(elements, width);
  return elements;
}

/** The elements of an object in C order, whatever transpositions it was encoded with. */
function transposedBack(
  elements: Uint8Array,
  shape: readonly number[],
  orders: readonly (readonly number[])[],
  itemSize: number,
): Uint8Array {
  // The axis of the object that each stored axis is.
  const order = orders.reduce(permute, [...shape.keys()]);
  if (order.every((axis, k) => axis === k)) return elements;
  const out = new Uint8Array(elements.length);
  const fromStrides = permutedStrides(shape, order, itemSize);
  copyBox(elements, out, {
    ...{ itemSize, extents: shape, fromStart: 0, toStart: 0 },
    fromStrides,
    toStrides: stridesOf(shape, itemSize),
  });
  return out;
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
  const members = membersOf(bytes, configuration, shape);
  if (typeof members === "string") return members;
  const out = new Uint8Array(countElements(shape) * itemSize);
  const toStrides = stridesOf(shape, itemSize);
  if (fill.some((byte) => byte !== 0)) {
    const whole = { itemSize, extents: shape, fromStart: 0, fromStrides: toStrides, toStart: 0, toStrides };
    fillBox(out, Uint8Array.from(fill), whole);
  }
  for (const { position, stored } of members) {
    const decoded = decodeArray({ kind: "array", ...task, codecs, shape: chunkShape }, stored, platform);
    if (typeof decoded === "string") return `has a chunk at (${position.join(", ")}) that ${decoded}`;
    const toStart = position.reduce(
      (sum, at, axis) => sum + at * (chunkShape[axis] ?? 1) * (toStrides[axis] ?? 0),
      0,
    );
    copyBox(decoded, out, {
      ...{ itemSize, extents: chunkShape, fromStart: 0, toStart, toStrides },
      fromStrides: stridesOf(chunkShape, itemSize),
    });
  }
  return out;
}

function orderOf({ order }: JsonObject): readonly number[] {
  return Array.isArray(order) ? (order as readonly number[]) : [];
}

/** A shape, or axes, after a transposition. */
function permute(shape: readonly number[], order: readonly number[]): readonly number[] {
  return order.map((axis) => shape[axis] ?? 1);
}

function isShape(value: unknown, rank: number): value is readonly number[] {
  return (
    Array.isArray(value) && value.length === rank && value.every((n) => Number.isSafeInteger(n) && n >= 1)
  );
}
