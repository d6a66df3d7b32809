import { IS_LITTLE_ENDIAN } from "../image/byte-order.js";
import { stridesOf } from "../image/copy-box.js";
import { countElements } from "../image/grid-order.js";
import type { Store } from "../store/store.js";
import type { ChunkWorkers } from "../workers/chunk-tasks.js";
import type { PlaceTask } from "../workers/place-chunks.js";
import type { Codec } from "../zarr/codec/codec.js";
import { itemSizeOf } from "../zarr/data-types.js";
import type { ArrayNode } from "../zarr/zarr-node.js";
import { codingOf } from "./chunk-coding.js";
import { storedChunks } from "./decoded-array.js";
import { oneElement } from "./empty-pixels.js";
import { checkReadable } from "./open-array.js";
import type { Pixels } from "./open-node.js";
import { type BlockOptions, createPlacer } from "./place-block.js";

/** A block of an array: its first position, and the position after its last one along each axis. */
export interface BlockBounds {
  readonly start: readonly number[];
  readonly stop: readonly number[];
}

/** Elements in C order. */
export type Block = Pick<Pixels, "data" | "shape" | "stride">;

/** Reads blocks of an array. */
export type BlockReader = (bounds: BlockBounds, options?: BlockOptions) => Promise<Block>;

/**
 * A reader that has chunks decoded straight into the blocks that are asked for, by workers or in this thread. Undefined
 * for arrays that only zarrita can decode: texts, and filters that calculate.
 *
 * @throws what opening the array with zarrita throws
 */
export async function createBlockReader(
  store: Store,
  node: ArrayNode,
  workers?: ChunkWorkers,
): Promise<BlockReader | undefined> {
  const { array } = node;
  const { plain } = codingOf(node);
  const chunks = storedChunks(store, node);
  const itemSize = itemSizeOf(array.dtype);
  const order = plain && axisOrder(plain.toBytes, array.shape.length);
  const hasChunks = array.shape.length > 0 && array.chunkShape.every((extent) => extent >= 1);
  if (
    plain === undefined ||
    chunks === undefined ||
    itemSize === undefined ||
    order === undefined ||
    !hasChunks
  )
    return undefined;
  checkReadable(node, store.name);
  // zarrita knows what stands for the data type and its fill value.
  const element = await oneElement(store, node);
  if (!isNumeric(element) || element.byteLength !== itemSize) return undefined;
  const fill = new Uint8Array(element.buffer, element.byteOffset, itemSize).slice();
  const { shape, chunkShape } = array;
  const task: PlaceTask = {
    kind: "place",
    ...{ location: store.name, path: node.path, codecs: plain.ofBytes, itemSize, fill, chunkShape },
    order: order.every((axis, k) => axis === k) ? undefined : order,
    isSwapped: itemSize > 1 && isBigEndian(plain.toBytes) === IS_LITTLE_ENDIAN,
  };
  const place = createPlacer({ shape, chunks, task }, workers);
  const Values = element.constructor as BlockConstructor;
  return async ({ start, stop }, options) => {
    const shape = stop.map((end, axis) => end - (start[axis] ?? 0));
    const { buffer, byteOffset } = await place({ first: start, shape }, options);
    const data = new Values(buffer, byteOffset, countElements(shape));
    return { data, shape, stride: stridesOf(shape, 1) };
  };
}

/** A typed array, or zarrita's array of booleans. */
interface NumericElement {
  readonly buffer: ArrayBuffer;
  readonly byteOffset: number;
  readonly byteLength: number;
}

type BlockConstructor = new (buffer: ArrayBufferLike, byteOffset: number, length: number) => Block["data"];

function isNumeric(element: object): element is NumericElement {
  return (ArrayBuffer.isView(element) || "get" in element) && "buffer" in element && !("chars" in element);
}

function isBigEndian(toBytes: readonly Codec[]): boolean {
  return toBytes.at(-1)?.configuration["endian"] === "big";
}

/** The axis of the array that each stored axis is; undefined where a codec does something else. */
function axisOrder(toBytes: readonly Codec[], axes: number): number[] | undefined {
  let order = Array.from({ length: axes }, (_, axis) => axis);
  for (const { name, configuration } of toBytes.slice(0, -1)) {
    const { order: next } = configuration;
    if (name !== "transpose" || !Array.isArray(next)) return undefined;
    const isPermutation = next.length === axes && order.every((_, axis) => next.includes(axis));
    if (!isPermutation) return undefined;
    order = next.map((axis: number) => order[axis] as number);
  }
  return order;
}
