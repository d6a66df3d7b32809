import { NUMBER_TYPES, type NumberType } from "./numbers.js";

export type SampleCodec = "none" | "gzip" | "zstd" | "blosc";

/** What the sample is like. Every option has a default; the same options give the same bytes. */
export interface SampleOptions {
  /** OME-Zarr 0.4 is written as Zarr v2, 0.5 as Zarr v3. `0.5` by default. */
  readonly version?: "0.4" | "0.5";
  /** `zstd` by default. */
  readonly codec?: SampleCodec;
  /** The order of elements in a chunk, Zarr v2 only. `C` by default. */
  readonly order?: "C" | "F";
  /** Of the image; labels are always `uint32`. `uint16` by default. */
  readonly dtype?: NumberType;
  /** `<` by default. */
  readonly byteOrder?: "<" | ">";
  /** Between the indices of a chunk's key. `/` by default. */
  readonly separator?: "/" | ".";
  /** Several chunks in one object (`sharding_indexed`), Zarr v3 only. */
  readonly shards?: boolean;
  /** Extents of the largest level; c 3, z 4, y 512, x 512 by default. */
  readonly size?: { readonly c?: number; readonly z?: number; readonly y?: number; readonly x?: number };
  /** 3 by default. */
  readonly levels?: number;
  /** The largest extent of a chunk in y and x; 256 by default. */
  readonly chunk?: number;
  /** Another seed gives other cells. */
  readonly seed?: number;
}

/** The options with their defaults filled in. */
export type Sample = Required<Omit<SampleOptions, "size">> & {
  readonly size: { readonly c: number; readonly z: number; readonly y: number; readonly x: number };
};

/**
 * Fills in the defaults.
 *
 * @throws RangeError when the options contradict each other
 */
export function resolveSample(options: SampleOptions = {}): Sample {
  const sample: Sample = {
    version: "0.5",
    codec: "zstd",
    order: "C",
    dtype: "uint16",
    byteOrder: "<",
    separator: "/",
    shards: false,
    levels: 3,
    chunk: 256,
    seed: 1,
    ...options,
    size: { c: 3, z: 4, y: 512, x: 512, ...options.size },
  };
  const { version, order, shards, dtype, size, levels, chunk } = sample;
  if (version === "0.5" && order === "F") throw new RangeError('order "F" is for version 0.4 only');
  if (version === "0.4" && shards) throw new RangeError("shards are for version 0.5 only");
  if (!NUMBER_TYPES.includes(dtype)) throw new RangeError(`dtype is one of ${NUMBER_TYPES.join(", ")}`);
  for (const [name, value] of Object.entries({ ...size, levels, chunk })) {
    if (!Number.isSafeInteger(value) || value < 1)
      throw new RangeError(`${name} is a whole number from 1 on`);
  }
  return sample;
}
