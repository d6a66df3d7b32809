import { NUMBER_TYPES, type NumberType } from "./numbers.js";

/** Compression of the sample. */
export type SampleCodec = "none" | "gzip" | "zstd" | "blosc";

/** Options of the sample. The same options give the same bytes. */
export interface SampleOptions {
  /** Version of OME-Zarr: 0.4 is Zarr v2, 0.5 is Zarr v3. `0.5` by default. */
  readonly version?: "0.4" | "0.5";
  /** Compression. `zstd` by default. */
  readonly codec?: SampleCodec;
  /** Order of elements in a chunk, Zarr v2 only. `C` by default. */
  readonly order?: "C" | "F";
  /** Data type of the image; labels are always `uint32`. `uint16` by default. */
  readonly dtype?: NumberType;
  /** Byte order: `<` for little-endian, `>` for big-endian. `<` by default. */
  readonly byteOrder?: "<" | ">";
  /** Separator in chunk keys. `/` by default. */
  readonly separator?: "/" | ".";
  /** Whether chunks are combined into shards (`sharding_indexed`), Zarr v3 only. */
  readonly shards?: boolean;
  /** Extents of the largest level; c 3, z 4, y 512, x 512 by default. */
  readonly size?: { readonly c?: number; readonly z?: number; readonly y?: number; readonly x?: number };
  /** Number of levels; 3 by default. */
  readonly levels?: number;
  /** Largest extent of a chunk in y and x; 256 by default. */
  readonly chunk?: number;
  /** Seed of the cells; 1 by default. */
  readonly seed?: number;
}

/** The options with their defaults filled in. */
export type Sample = Required<Omit<SampleOptions, "size">> & {
  readonly size: { readonly c: number; readonly z: number; readonly y: number; readonly x: number };
};

/**
 * Fills in the defaults.
 *
 * @throws RangeError for invalid options, and for options that cannot be combined
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
  if (!NUMBER_TYPES.includes(dtype)) throw new RangeError(`dtype must be one of ${NUMBER_TYPES.join(", ")}`);
  for (const [name, value] of Object.entries({ ...size, levels, chunk })) {
    if (!Number.isSafeInteger(value) || value < 1) throw new RangeError(`${name} must be a positive integer`);
  }
  return sample;
}
