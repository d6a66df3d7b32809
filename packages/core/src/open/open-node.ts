import type * as zarr from "zarrita";
import type { ReadOptions } from "../bytes/source-and-sink.js";
import type {
  Axis,
  Channel,
  Image,
  LabelImage,
  Level,
  OmeNode,
  OmeVersion,
  PlateWell,
} from "../ome/model.js";
import type { AbsolutePath, Store } from "../store/store.js";
import type { Hierarchy } from "../zarr/zarr-node.js";

/** The method that `await using` calls. Empty where the `lib` of a project lacks `ESNext.Disposable`. */
export type Disposer = SymbolConstructor extends { readonly asyncDispose: infer Dispose extends symbol }
  ? { readonly [Key in Dispose]: () => Promise<void> }
  : object;

/**
 * OME-Zarr that is open for reading. Whatever kind it is, its images are in `images`. All metadata has been read;
 * pixels are read when they are needed.
 */
export interface OpenNode extends Disposer {
  readonly kind: OmeNode["kind"];
  /** The version of OME-Zarr; undefined for groups and arrays without OME-Zarr metadata. */
  readonly version: OmeVersion | undefined;
  /** The OME-Zarr metadata. */
  readonly model: OmeNode;
  /** All nodes with their Zarr metadata. */
  readonly hierarchy: Hierarchy;
  readonly store: Store;
  /**
   * An image or label image: itself. A well: its fields. A plate: the fields of all its wells. A bioformats2raw
   * collection: its series, in order. A group of label images, or a plain group: the images directly in it.
   */
  readonly images: readonly OpenImage[];
  /** The label images of an image; none for all other kinds. */
  readonly labels: readonly OpenImage[];
  /** The wells of a plate; none for all other kinds. */
  readonly wells: readonly OpenWell[];
  /** Closes the store, even if the caller opened it. */
  close(): Promise<void>;
}

/**
 * One image with its resolution levels. Its metadata is parsed at the first access, so that a broken image does not
 * affect the others: the members throw `InvalidMetadataError`, or `NotFoundError` where the metadata is missing.
 */
export interface OpenImage {
  readonly path: AbsolutePath;
  /** The OME-Zarr metadata of the image. */
  readonly model: Image | LabelImage;
  readonly name: string | undefined;
  /** The axes of the first multiscale, in the order of the dimensions. */
  readonly axes: readonly Axis[];
  readonly channels: readonly Channel[];
  /**
   * From the largest to the smallest, by their numbers in the metadata. One whose array is missing or cannot be
   * understood (its `model.array` is undefined) keeps its number, and throws the reason when its shape, chunks, data
   * type or pixels are asked for.
   */
  readonly levels: readonly OpenLevel[];
  /**
   * The level at a position in `levels`; 0 is the largest.
   *
   * @throws RangeError when there is no such level; InvalidMetadataError when no level can be read
   */
  level(index: number): OpenLevel;
  /** The label images of this image. */
  readonly labels: readonly OpenImage[];
}

/** One well of a plate. */
export interface OpenWell {
  readonly path: AbsolutePath;
  /** The name of its row on the plate, as in `A`. */
  readonly row: string;
  /** The name of its column on the plate, as in `1`. */
  readonly column: string;
  readonly model: PlateWell;
  /** Its fields; empty where the well's own metadata is missing or cannot be understood. */
  readonly images: readonly OpenImage[];
}

/** One resolution level of an image. */
export interface OpenLevel {
  readonly path: AbsolutePath;
  readonly model: Level;
  readonly axes: readonly Axis[];
  /** Pixels along each axis. */
  readonly shape: readonly number[];
  /** The shape of a chunk, which is compressed by itself; inside the shards for a sharded array. */
  readonly chunks: readonly number[];
  /** The name of the data type in Zarr v3, as in `uint16`. */
  readonly dtype: string;
  /** The size of a pixel along each axis, in the axis's unit. */
  readonly scale: readonly number[];
  /** The position of the first pixel along each axis, in the axis's unit. */
  readonly translation: readonly number[];
  /**
   * The level as an array of zarrita, for zarrita's functions and libraries that are built on it. Reads no metadata.
   *
   * Its chunks are decoded here where zarrita 0.7.5 cannot: float16, as float32 in every engine, and shards in shards or
   * with codecs around them, as plain chunks. Arrays that it cannot read, or would read wrongly, are refused: irregular
   * chunk grids, storage transformers, complex numbers, and codecs that are missing in its registry, to which others can
   * be added.
   *
   * @throws UnsupportedError, InvalidMetadataError
   */
  array(): Promise<PixelArray>;
  /**
   * Reads all pixels, or those of a selection.
   *
   * @example
   * const plane = await level.read({ t: 0, c: 1, z: 12 }); // plane.shape is [height, width]
   * const part = await level.read({ t: 0, c: [0, 2], y: [256, 512], x: [0, 256] });
   *
   * @throws RangeError when an axis is unknown or a position is outside
   * @throws UnsupportedError, InvalidMetadataError, CorruptDataError, and what the store throws
   */
  read(selection?: Selection, options?: ReadOptions): Promise<Pixels>;
}

/** An array as zarrita reads it. */
export type PixelArray = zarr.Array<zarr.DataType, zarr.Readable>;

/**
 * A part of an array. For each axis name: one position, which removes the axis from the result, or `[start, stop]`,
 * without `stop` itself. Other axes are read whole.
 */
export type Selection = Readonly<Record<string, number | readonly [start: number, stop: number] | undefined>>;

/** Pixels in memory: the one at `[i, j]` is `data[i * stride[0] + j * stride[1]]`. */
export interface Pixels {
  /**
   * A typed array of the level's data type; of float32 for float16. It is in a `SharedArrayBuffer` where several threads
   * have decoded into it.
   */
  readonly data: zarr.TypedArray<zarr.DataType>;
  readonly shape: readonly number[];
  /** The distance in `data` between neighbours along each axis; it need not be 1 for the last axis. */
  readonly stride: readonly number[];
  /** The names of the axes, without those that the selection removed. */
  readonly axes: readonly string[];
}
