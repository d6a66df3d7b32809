import type { ChunkWorkers, PixelValues } from "@ozx/core";
import { itemSizeOf } from "@ozx/core/internal";
import {
  type CodecRequest,
  codecsInShard,
  parseCodecRequest,
  requestedCodecs,
} from "../chunks/codec-request.js";
import type { NewArray } from "../chunks/encode-entries.js";
import type { PyramidAxis } from "../pyramid/pyramid-shapes.js";

/** An axis of a new image. */
export interface NewAxis {
  readonly name: string;
  /** `time`, `channel` or `space`; by default derived from the names t, c, z, y and x. */
  readonly type?: string | undefined;
  /** A UDUNITS-2 name, such as `micrometer`. */
  readonly unit?: string | undefined;
}

/** How a channel of a new image is displayed ("omero metadata" of 0.5). */
export interface NewChannel {
  readonly label?: string | undefined;
  /** Six hexadecimal digits; by default each channel gets a different colour. */
  readonly color?: string | undefined;
  /** The values that are shown as black and as full colour; by default the range of the integer type, or 0 to 1. */
  readonly window?:
    | { readonly start: number; readonly end: number; readonly min?: number; readonly max?: number }
    | undefined;
}

/** How the arrays of a new image are stored. */
export interface StorageOptions {
  /** The chunk shape, one size per axis; by default one plane of at most 512 × 512 pixels. Applies to all levels. */
  readonly chunks?: readonly number[] | undefined;
  /**
   * The shard shape, one size per axis, a multiple of `chunks`; no shards by default. A shard is written once it is
   * complete. Until then its encoded chunks are in memory, so if shards are large, write one after the other.
   */
  readonly shards?: readonly number[] | undefined;
  /** The compression, such as `zstd:5` (the default), `gzip:6`, `blosc:lz4:5:shuffle` or `none`. */
  readonly codec?: string | CodecRequest | undefined;
  /** Where chunks are encoded; in this thread by default. Its owner closes it. */
  readonly workers?: ChunkWorkers | undefined;
}

/** A new image. */
export interface NewImageOptions extends StorageOptions {
  /** Some of t, c, z, y and x, in this order, by name or as objects. */
  readonly axes: readonly (string | NewAxis)[];
  /** In pixels, one size per axis. */
  readonly shape: readonly number[];
  /** A Zarr v3 name, such as `uint16`. */
  readonly dtype: string;
  /** The size of a pixel in units, one number per axis; 1 by default. */
  readonly scale?: readonly number[] | undefined;
  /** The position of the centre of the first pixel in units, one number per axis; 0 by default. */
  readonly translation?: readonly number[] | undefined;
  /** The unit of all axes of space that do not have one, such as `micrometer`. */
  readonly unit?: string | undefined;
  /** By default the name of the file, without its suffix. */
  readonly name?: string | undefined;
  /** One per channel, as a label or an object. */
  readonly channels?: readonly (string | NewChannel)[] | undefined;
  /** The number of levels; by default until the last one has at most 256 pixels in y and x. */
  readonly levels?: number | undefined;
}

/** The axes with default types and units. */
export function resolveAxes({ axes, unit }: Pick<NewImageOptions, "axes" | "unit">): PyramidAxis[] {
  return axes.map((axis) => {
    const {
      name,
      type = TYPES.get(name),
      unit: own,
    }: NewAxis = typeof axis === "string" ? { name: axis } : axis;
    return { name, type, unit: own ?? (type === "space" ? unit : undefined) };
  });
}

/** The types of axes by their usual names. */
const TYPES: ReadonlyMap<string, string> = new Map([
  ["t", "time"],
  ["c", "channel"],
  ["z", "space"],
  ["y", "space"],
  ["x", "space"],
]);

/**
 * Checks that options agree with each other, and that the image is valid OME-Zarr 0.5.
 *
 * @param axes from {@link resolveAxes}
 * @throws RangeError naming the option and the reason
 */
export function checkImageOptions(options: NewImageOptions, axes: readonly PyramidAxis[]): void {
  const { shape, dtype, chunks, shards, scale, translation, channels, levels } = options;
  const names = axes.map(({ name }) => name);
  const order = axes.map(({ type }) => (type === "time" ? 0 : type === "space" ? 2 : 1));
  const count = (kind: number): number => order.filter((one) => one === kind).length;
  refuseIf(new Set(names).size < names.length, `the axes ${names.join(", ")} are not all different`);
  refuseIf(
    axes.length > 5 || count(2) < 2 || count(2) > 3 || count(0) > 1 || count(1) > 1,
    `the axes ${names.join(", ")} are not those of an image: it has y and x, or z, y and x, and at most one axis of time and one of channels`,
  );
  refuseIf(
    order.some((kind, axis) => kind < (order[axis - 1] ?? 0)),
    `the axes ${names.join(", ")} must be in the order time, channels, space`,
  );
  refuseIf(
    !PIXEL_TYPES.has(dtype),
    `${dtype} is not a data type for pixels: use one of ${[...PIXEL_TYPES.keys()].join(", ")}`,
  );
  const lists = { shape, chunks, shards, scale, translation };
  for (const [what, list] of Object.entries(lists)) {
    refuseIf(
      list !== undefined && list.length !== axes.length,
      `${what} has ${list?.length} numbers for ${axes.length} axes`,
    );
  }
  for (const [what, list] of Object.entries({ shape, chunks, shards })) {
    const isCount = (n: number): boolean => Number.isSafeInteger(n) && n >= 1;
    refuseIf(
      list?.some((n) => !isCount(n)) ?? false,
      `${what} must be whole numbers from 1 on, not ${list?.join(", ")}`,
    );
  }
  refuseIf(
    shards?.some((extent, axis) => extent % (chunks?.[axis] ?? Number.NaN) !== 0) ?? false,
    chunks === undefined
      ? `shards of ${shards?.join(" × ")} need the option chunks`
      : `shards of ${shards?.join(" × ")} must be whole chunks, which are ${chunks.join(" × ")}`,
  );
  const channelAxis = order.indexOf(1);
  const expected = channelAxis < 0 ? 1 : (shape[channelAxis] ?? 1);
  refuseIf(
    channels !== undefined && channels.length !== expected,
    `${channels?.length} channels are described, and the image has ${expected}`,
  );
  const colors = channels?.map((channel) => (typeof channel === "string" ? undefined : channel.color));
  const wrong = colors?.find((color) => color !== undefined && !/^[0-9A-Fa-f]{6}$/.test(color));
  refuseIf(wrong !== undefined, `the colour ${wrong} is not six hexadecimal digits, as in 00FFFF`);
  refuseIf(
    levels !== undefined && !(Number.isSafeInteger(levels) && levels >= 1),
    `levels must be a whole number from 1 on, not ${levels}`,
  );
}

function refuseIf(isWrong: boolean, message: string): void {
  if (isWrong) throw new RangeError(message);
}

/** The array of one level. Chunks and shards are cut to its shape. */
export function newLevel(
  options: StorageOptions & Pick<NewImageOptions, "dtype">,
  level: Pick<NewArray, "path" | "shape" | "dimensionNames">,
): NewArray {
  const { dtype, codec = "zstd:5" } = options;
  const { shape } = level;
  const chunkShape = shape.map((extent, axis) =>
    Math.min(extent, options.chunks?.[axis] ?? (axis < shape.length - 2 ? 1 : 512)),
  );
  const shardShape = options.shards?.map((extent, axis) => {
    const chunk = chunkShape[axis] ?? 1;
    return Math.min(extent, Math.ceil((shape[axis] ?? 1) / chunk) * chunk);
  });
  const isOneChunk = shardShape?.every((extent, axis) => extent === chunkShape[axis]) ?? true;
  const request = typeof codec === "string" ? parseCodecRequest(codec) : codec;
  const codecs = requestedCodecs(request, itemSizeOf(dtype) ?? 1);
  return {
    ...level,
    dtype,
    chunkShape,
    shardShape: isOneChunk ? undefined : shardShape,
    codecs: isOneChunk ? codecs : codecsInShard(codecs),
  };
}

type PixelConstructor = new (length: number) => PixelValues;

/** The data types of pixels that can be written, with the typed arrays that hold them. */
export const PIXEL_TYPES: ReadonlyMap<string, PixelConstructor> = new Map<string, PixelConstructor>([
  ["uint8", Uint8Array],
  ["uint16", Uint16Array],
  ["uint32", Uint32Array],
  ["uint64", BigUint64Array],
  ["int8", Int8Array],
  ["int16", Int16Array],
  ["int32", Int32Array],
  ["int64", BigInt64Array],
  ["float32", Float32Array],
  ["float64", Float64Array],
  ["bool", Uint8Array],
]);

/** The usual range of values: that of an integer type, or 0 to 1. */
export function usualRange(dtype: string): readonly [min: number, max: number] {
  const [, sign, digits] = /^(u?)int(\d+)$/.exec(dtype) ?? [];
  if (digits === undefined) return [0, 1];
  const bits = Number(digits);
  return sign === "u" ? [0, 2 ** bits - 1] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
}
