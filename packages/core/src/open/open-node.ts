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

/** The method that `await using` calls; none where a project's `lib` lacks `ESNext.Disposable`. */
type Disposer = SymbolConstructor extends { readonly asyncDispose: infer Dispose extends symbol }
  ? { readonly [Key in Dispose]: () => Promise<void> }
  : object;

/**
 * OME-Zarr that is open for reading: whatever it is, its images are in `images`. All metadata has been read;
 * pixels are read when they are asked for.
 */
export interface OpenNode extends Disposer {
  readonly kind: OmeNode["kind"];
  /** Undefined for groups and arrays without OME-Zarr metadata. */
  readonly version: OmeVersion | undefined;
  /** Everything that the metadata says. */
  readonly model: OmeNode;
  readonly hierarchy: Hierarchy;
  readonly store: Store;
  /**
   * An image or label image: itself. A well: its fields. A plate: the fields of all its wells. A collection of
   * bioformats2raw: its series, in order. A list of label images, or a plain group: those directly in it.
   */
  readonly images: readonly OpenImage[];
  /** The label images of an image; none for all other kinds. */
  readonly labels: readonly OpenImage[];
  /** The wells of a plate; none for all other kinds. */
  readonly wells: readonly OpenWell[];
  /** Closes the store, also one that was opened by the caller. */
  close(): Promise<void>;
}

/**
 * One image with its resolution levels. Its metadata is looked at when it is first asked for: one that cannot be
 * understood throws `InvalidMetadataError`, or `NotFoundError` where it is missing, and spoils no other image.
 */
export interface OpenImage {
  readonly path: AbsolutePath;
  readonly model: Image | LabelImage;
  readonly name: string | undefined;
  readonly axes: readonly Axis[];
  readonly channels: readonly Channel[];
  /**
   * From the largest to the smallest, by their numbers in the metadata. One whose array is missing or cannot be
   * understood (its `model.array` is undefined) keeps its number, and throws the reason when its shape, chunks, data
   * type or pixels are asked for.
   */
  readonly levels: readonly OpenLevel[];
  /**
   * The level at a position in `levels`; 0 is the largest. Throws `RangeError` where there is none, and
   * `InvalidMetadataError` where no level of the image can be read.
   */
  level(index: number): OpenLevel;
  readonly labels: readonly OpenImage[];
}

/** One well of a plate. */
export interface OpenWell {
  readonly path: AbsolutePath;
  /** As the plate names them: `A` and `1`. */
  readonly row: string;
  readonly column: string;
  readonly model: PlateWell;
  /** Its fields; none where the well's own metadata is missing or cannot be understood. */
  readonly images: readonly OpenImage[];
}

/** One resolution of an image. */
export interface OpenLevel {
  readonly path: AbsolutePath;
  readonly model: Level;
  readonly axes: readonly Axis[];
  readonly shape: readonly number[];
  /** What is compressed, and so decoded, as one; the chunks inside the shards where there are shards. */
  readonly chunks: readonly number[];
  /** By its Zarr v3 name, as in `uint16`. */
  readonly dtype: string;
  /** Units a pixel, one number an axis. */
  readonly scale: readonly number[];
  readonly translation: readonly number[];
  /**
   * The level as an array of zarrita, for all that zarrita and what is built on it can do. No metadata is read.
   *
   * What zarrita 0.7.5 cannot read, or would read wrongly, is refused: shards inside shards, a codec around shards,
   * chunk grids that are not regular, storage transformers, complex numbers, float16 where JavaScript has no
   * arrays for it, and codecs that are not in its registry, where others can be put.
   *
   * @throws UnsupportedError, InvalidMetadataError
   */
  array(): Promise<PixelArray>;
  /**
   * Reads pixels: all of them, or what is selected by the axes' names.
   *
   * @example
   * const plane = await level.read({ t: 0, c: 1, z: 12 }); // plane.shape is [height, width]
   * const part = await level.read({ t: 0, c: [0, 2], y: [256, 512], x: [0, 256] });
   *
   * @throws RangeError when an axis is unknown or a position lies outside
   * @throws UnsupportedError, InvalidMetadataError, CorruptDataError, and what the store throws
   */
  read(selection?: Selection, options?: ReadOptions): Promise<Pixels>;
}

/** An array as zarrita reads it. */
export type PixelArray = zarr.Array<zarr.DataType, zarr.Readable>;

/**
 * Which part of an array: for each axis by its name one position, which takes the axis out of the result, or
 * `[start, stop]` without `stop` itself. Axes that are not named are read whole.
 */
export type Selection = Readonly<Record<string, number | readonly [start: number, stop: number] | undefined>>;

/** Pixels and how they lie: the one at `[i, j]` is `data[i * stride[0] + j * stride[1]]`. */
export interface Pixels {
  /** A typed array of the level's data type. */
  readonly data: zarr.TypedArray<zarr.DataType>;
  readonly shape: readonly number[];
  /** Elements from one position to the next along each axis; the last axis need not be the densest. */
  readonly stride: readonly number[];
  /** The axes that are left, by name. */
  readonly axes: readonly string[];
}
