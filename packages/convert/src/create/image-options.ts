import type { ChunkWorkers, PixelValues } from "@ozx/core";
import { itemSizeOf } from "@ozx/core/internal";
import { type CodecRequest, parseCodecRequest, requestedCodecs } from "../chunks/codec-request.js";
import type { NewArray } from "../chunks/encode-entries.js";
import type { PyramidAxis } from "../pyramid/pyramid-shapes.js";

export interface NewAxis {
  readonly name: string;
  /** `time`, `channel` or `space`; what the names t, c, z, y and x stand for by default. */
  readonly type?: string | undefined;
  /** A name of UDUNITS-2, as in `micrometer`. */
  readonly unit?: string | undefined;
}

export interface NewChannel {
  readonly label?: string | undefined;
  /** Six hexadecimal digits; a colour of its own for each channel by default. */
  readonly color?: string | undefined;
  /** Shown from black to full colour; the whole range of integers, or 0 to 1, by default. */
  readonly window?:
    | { readonly start: number; readonly end: number; readonly min?: number; readonly max?: number }
    | undefined;
}

/** How the arrays of a new image are stored. */
export interface StorageOptions {
  /** One extent an axis; one plane, of 512 × 512 pixels at most, by default. Smaller levels have them too. */
  readonly chunks?: readonly number[] | undefined;
  /**
   * One extent an axis, whole chunks; no shards by default. A shard is written once it is full: until then its encoded
   * chunks are in memory, for each shard that is begun, so write one shard after the other where they are large.
   */
  readonly shards?: readonly number[] | undefined;
  /** As in `zstd:5`, which is the default, `gzip:6`, `blosc:lz4:5:shuffle` or `none`. */
  readonly codec?: string | CodecRequest | undefined;
  /** Where chunks are encoded; in this thread by default. Whoever made it closes it. */
  readonly workers?: ChunkWorkers | undefined;
}

export interface NewImageOptions extends StorageOptions {
  /** Of t, c, z, y and x, in this order; names, or more than that. */
  readonly axes: readonly (string | NewAxis)[];
  readonly shape: readonly number[];
  /** By its Zarr v3 name, as in `uint16`. */
  readonly dtype: string;
  /** Units a pixel, one number an axis; 1 by default. */
  readonly scale?: readonly number[] | undefined;
  /** Where the centre of the first pixel is, one number an axis; 0 by default. */
  readonly translation?: readonly number[] | undefined;
  /** Of the axes of space that have none of their own, as in `micrometer`. */
  readonly unit?: string | undefined;
  /** The name of the file by default. */
  readonly name?: string | undefined;
  /** One a channel: its label, or more than that. */
  readonly channels?: readonly (string | NewChannel)[] | undefined;
  /** How many levels there are; by default as many as make the last one 256 pixels or less in y and x. */
  readonly levels?: number | undefined;
}

/** The axes with all that is known of them. */
export function resolveAxes({ axes, unit }: Pick<NewImageOptions, "axes" | "unit">): PyramidAxis[] {
  return axes.map((axis) => {
    const given = typeof axis === "string" ? { name: axis } : axis;
    const type = "type" in given && given.type !== undefined ? given.type : TYPES.get(given.name);
    const own = "unit" in given ? given.unit : undefined;
    return { name: given.name, type, unit: own ?? (type === "space" ? unit : undefined) };
  });
}

const TYPES: ReadonlyMap<string, string> = new Map([
  ["t", "time"],
  ["c", "channel"],
  ["z", "space"],
  ["y", "space"],
  ["x", "space"],
]);

/**
 * Throws where options contradict each other, or what they would give is no OME-Zarr 0.5.
 *
 * @throws RangeError saying which and why
 */
export function checkImageOptions(options: NewImageOptions, axes: readonly PyramidAxis[]): void {
  const { shape, dtype, chunks, shards, scale, translation, channels, levels } = options;
  const names = axes.map(({ name }) => name);
  const order = axes.map(({ type }) => (type === "time" ? 0 : type === "space" ? 2 : 1));
  const count = (kind: number): number => order.filter((one) => one === kind).length;
  refuseIf(new Set(names).size < names.length, `the axes ${names.join(", ")} are not all different`);
  refuseIf(
    axes.length > 5 || count(2) < 2 || count(2) > 3 || count(0) > 1 || count(1) > 1,
    `the axes ${names.join(", ")} make no image: it has y and x or z, y and x, and besides at most one of time and one of channels`,
  );
  refuseIf(
    order.some((kind, axis) => kind < (order[axis - 1] ?? 0)),
    `the axes ${names.join(", ")} must be in the order time, channels, space`,
  );
  refuseIf(
    !PIXEL_TYPES.has(dtype),
    `${dtype} is no data type for pixels: take one of ${[...PIXEL_TYPES.keys()].join(", ")}`,
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
    `shards of ${shards?.join(" × ")} must be whole chunks, which must be given as well (chunks: ${chunks?.join(" × ") ?? "not given"})`,
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
    `${levels} levels make no image`,
  );
}

function refuseIf(wrong: boolean, why: string): void {
  if (wrong) throw new RangeError(why);
}

/** How the array of one level is stored. */
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
  return {
    ...level,
    dtype,
    chunkShape,
    shardShape: isOneChunk ? undefined : shardShape,
    codecs: requestedCodecs(request, itemSizeOf(dtype) ?? 1),
  };
}

type PixelConstructor = new (length: number) => PixelValues;

/** The data types of pixels that can be written, and the arrays that hold them. */
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

/** The least and the largest value that pixels of a type usually have. */
export function usualRange(dtype: string): readonly [min: number, max: number] {
  const [, sign, digits] = /^(u?)int(\d+)$/.exec(dtype) ?? [];
  if (digits === undefined) return [0, 1];
  const bits = Number(digits);
  return sign === "u" ? [0, 2 ** bits - 1] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
}
