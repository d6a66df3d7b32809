import { type ArrayDescription, type ArrayNode, type JsonObject, UsageError } from "@ozx/core";
import {
  type Codec,
  countElements,
  dataTypeV2Name,
  formatBytes,
  guardedInteger,
  itemSizeOf,
  omitMember,
  type ProjectMethod,
  plainFillValue,
  projectedType,
  splitChain,
} from "@ozx/core/internal";
import type { Box } from "../chunks/cells.js";
import { codecsToEncode, requestedCodecs } from "../chunks/codec-request.js";
import { upgradeArray } from "../versions/upgrade-array.js";
import type { Rescale } from "./rescale-pixels.js";

/** An array whose chunks are made from the pixels of another one. All lists have one number per axis. */
export interface Recut {
  /** The array that the pixels are read from. */
  readonly node: ArrayNode;
  /** Its first pixel that is taken. */
  readonly start: readonly number[];
  /** How many of its pixels are taken along each axis. */
  readonly extent: readonly number[];
  /** The shape of the new array: `extent`, and 1 along axes that are projected. */
  readonly shape: readonly number[];
  readonly chunkShape: readonly number[];
  /** The shards that the new array has unless others are requested; undefined if each chunk is an entry. */
  readonly shardShape: readonly number[] | undefined;
  /** By its Zarr v3 name. */
  readonly dtype: string;
  readonly fillValue: unknown;
  /** The compression that the new array has unless another one is requested. */
  readonly codecs: readonly Codec[];
  /** How pixels along axes become one; undefined if they stay apart. */
  readonly project: { readonly axes: readonly number[]; readonly method: ProjectMethod } | undefined;
  /** How values become those of a smaller data type; undefined if they stay as they are. */
  readonly rescale: Rescale | undefined;
}

/** The pixels of the source that a box of the new array is made of. */
export function sourceBoxOf({ start, extent, project }: Recut, { start: from, stop }: Box): Box {
  const isProjected = (axis: number): boolean => project?.axes.includes(axis) ?? false;
  return {
    start: from.map((at, axis) => at + (start[axis] ?? 0)),
    stop: stop.map((at, axis) => (start[axis] ?? 0) + (isProjected(axis) ? (extent[axis] ?? 1) : at)),
  };
}

/** What is asked of an array. */
export interface RecutRequest extends Pick<Recut, "node" | "start" | "extent" | "project"> {
  /** The shape of its chunks; by default as they are. */
  readonly chunkShape?: readonly number[] | undefined;
  readonly rescale?: Rescale | undefined;
}

/** The most bytes that codecs take at once. */
const LARGEST_CHUNK = 2 ** 31 - 1;

/**
 * Plans an array that is made from another one, with its codecs and shards as far as they fit.
 *
 * @throws UsageError if its chunks would be too large to be encoded
 */
export function recutOf(request: RecutRequest, location: string): Recut {
  const { node, start, extent, project, rescale } = request;
  const { array } = node;
  const shape = extent.map((pixels, axis) => (project?.axes.includes(axis) ? 1 : pixels));
  const wanted = request.chunkShape ?? array.chunkShape;
  const chunkShape = wanted.map((pixels, axis) => Math.min(pixels, Math.max(1, shape[axis] ?? 1)));
  const count = project?.axes.reduce((product, axis) => product * (extent[axis] ?? 1), 1) ?? 1;
  const projected = project === undefined ? array.dtype : projectedType(array.dtype, project.method, count);
  const dtype = rescale?.dtype ?? projected;
  const bytes = countElements(chunkShape) * (itemSizeOf(dtype) ?? 1);
  if (bytes > LARGEST_CHUNK) {
    throw new UsageError(
      `chunks of ${chunkShape.join(" × ")} of ${node.path} in ${location} would have ${formatBytes(bytes)} each, more than codecs take: ask for smaller ones with --chunks`,
    );
  }
  return {
    ...{ node, start, extent, shape, chunkShape, dtype, project, rescale },
    shardShape: shardsAround(array, chunkShape, shape),
    fillValue: fillAfter(array, { project, rescale, count }),
    codecs: inheritedCodecs(node, dtype, location),
  };
}

/** Whether two chunk shapes divide an array in the same way. */
export function isSameGrid(
  a: readonly number[],
  b: readonly number[],
  { shape }: Pick<ArrayDescription, "shape">,
): boolean {
  return shape.every((pixels, axis) => Math.min(a[axis] ?? 1, pixels) === Math.min(b[axis] ?? 1, pixels));
}

/**
 * The document of the array in the Zarr format of its source, with chunks that are not compressed: this is how a store
 * shows it, until it is encoded.
 */
export function plainDocument({ node, shape, chunkShape, dtype, fillValue }: Recut): JsonObject {
  const { document, zarrFormat } = node;
  if (zarrFormat === 2) {
    return {
      ...document,
      ...{ shape, chunks: chunkShape, dtype: dataTypeV2Name(dtype, "<"), fill_value: fillValue },
      ...{ compressor: null, filters: null, order: "C", dimension_separator: "/" },
    };
  }
  return {
    ...omitMember(document, "storage_transformers"),
    ...{ shape, data_type: dtype, fill_value: fillValue },
    chunk_grid: { name: "regular", configuration: { chunk_shape: chunkShape } },
    chunk_key_encoding: { name: "default", configuration: { separator: "/" } },
    codecs: [{ name: "bytes", configuration: { endian: "little" } }],
  };
}

/** The array of {@link plainDocument}. */
export function plainNode(recut: Recut): ArrayNode {
  const { node, shape, chunkShape, dtype, fillValue } = recut;
  const document = plainDocument(recut);
  const isV3 = node.zarrFormat === 3;
  const codecs: JsonObject[] = isV3 ? [{ name: "bytes", configuration: { endian: "little" } }] : [];
  const chunkKey = { prefix: isV3 ? "c" : "", separator: "/" } as const;
  const described = { shape, chunkShape, dtype, fillValue, codecs, chunkKey, shardShape: undefined };
  return { ...node, document, array: { ...node.array, ...described } };
}

/** The shards of an array around other chunks: as large as they were, in whole chunks. */
function shardsAround(
  { shardShape }: ArrayDescription,
  chunkShape: readonly number[],
  shape: readonly number[],
): readonly number[] | undefined {
  const shards = shardShape?.map((pixels, axis) => {
    const chunk = chunkShape[axis] ?? 1;
    return Math.ceil(Math.min(pixels, Math.max(1, shape[axis] ?? 1)) / chunk) * chunk;
  });
  return shards?.every((pixels, axis) => pixels === chunkShape[axis]) ? undefined : shards;
}

/** The codecs of the source if ozx can encode them, otherwise zstd. */
function inheritedCodecs(node: ArrayNode, dtype: string, location: string): readonly Codec[] {
  const itemSize = itemSizeOf(dtype) ?? 1;
  const chain = node.zarrFormat === 2 ? upgradeArray(node, location).document["codecs"] : node.array.codecs;
  const { ofBytes } = splitChain(Array.isArray(chain) ? chain : []) ?? {};
  const codecs = (ofBytes && codecsToEncode(ofBytes)) ?? requestedCodecs({ name: "zstd" }, itemSize);
  return codecs.map((codec) =>
    codec.name === "blosc"
      ? { ...codec, configuration: { ...codec.configuration, typesize: itemSize } }
      : codec,
  );
}

/** The fill value after projecting and rescaling: pixels that nobody stored stay what they are. */
function fillAfter(
  { fillValue, dtype }: ArrayDescription,
  { project, rescale, count }: Pick<Recut, "project" | "rescale"> & { readonly count: number },
): unknown {
  const isSum = project?.method === "sum" && count > 1;
  if (!isSum && rescale === undefined) return fillValue;
  const plain = plainFillValue(fillValue ?? 0, dtype);
  if (rescale !== undefined) return rescale.fill(Number(plain) * (isSum ? count : 1));
  if (plain === 0 || plain === false || plain === null) return 0;
  const whole = guardedInteger(plain);
  if (whole !== undefined) return Number(whole) * count;
  return typeof plain === "number" ? plain * count : fillValue;
}
