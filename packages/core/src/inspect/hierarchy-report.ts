import type { OzxErrorTag } from "../errors.js";
import type { Finding } from "../findings.js";
import type { Acquisition, Axis, Channel, OmeNode, SceneEnd } from "../ome/model.js";

/**
 * Reports about a hierarchy, from its metadata and the sizes of its entries. `ozx info --json` prints them, so members
 * are added, and never renamed or removed. Unknown values are null.
 *
 * @module
 */

/** The contents of a hierarchy, in any container. */
export interface HierarchyReport {
  /** The id of the container, as in `directory` or `zip`. */
  readonly container: string;
  /** What the node that was opened is. */
  readonly kind: OmeNode["kind"];
  /** As it is written, as in `0.6rc0`, or else as it is read. Null for groups and arrays without OME-Zarr metadata. */
  readonly omeVersion: string | null;
  readonly zarrFormat: 2 | 3;
  readonly name: string | null;
  /** The number of keys in the store; null, as are all stored sizes, for a folder on a server, which lists nothing. */
  readonly entries: number | null;
  /** The total size of all values, without what an archive adds to them. */
  readonly bytes: number | null;
  /** All images, in the order of the metadata; label images are in the images that they belong to. */
  readonly images: readonly (ImageReport | FailedImage)[];
  /** For a plate. */
  readonly plate: PlateReport | null;
  /** For a scene of OME-Zarr 0.6. */
  readonly scene: SceneReport | null;
  /** For a bioformats2raw collection: where the order of the images comes from. */
  readonly seriesOrder: "series" | "ome-xml" | "names" | null;
  /** For an array that was opened itself. */
  readonly array: ArrayReport | null;
  /** All nodes, each before those below it. */
  readonly nodes: readonly NodeReport[];
  /** Nodes whose metadata cannot be understood. */
  readonly broken: readonly { readonly path: string; readonly error: ErrorReport }[];
  /** Findings about the container and the metadata that were noticed while reading. */
  readonly problems: readonly Finding[];
}

/** Why something could not be read. */
export interface ErrorReport {
  readonly kind: OzxErrorTag;
  /** A sentence that names the file or node, and the way out. */
  readonly message: string;
}

/** An image whose metadata is missing or cannot be understood. */
export interface FailedImage {
  readonly path: string;
  readonly error: ErrorReport;
}

/** One image or label image, and its first multiscale. */
export interface ImageReport {
  readonly path: string;
  /** Distinguishes it from a {@link FailedImage}. */
  readonly error: null;
  readonly kind: "image" | "label-image";
  /** As it is written, or else as it is read. */
  readonly omeVersion: string;
  readonly name: string | null;
  /** The number of multiscales of the image. */
  readonly multiscales: number;
  readonly axes: readonly Nullable<Axis>[];
  /** From the largest to the smallest. */
  readonly levels: readonly LevelReport[];
  readonly channels: readonly Nullable<Channel>[];
  /** Its label images, which have no label images of their own here. */
  readonly labels: readonly (ImageReport | FailedImage)[];
}

/** One resolution level of an image. */
export interface LevelReport {
  readonly path: string;
  /** The size of a pixel in the unit of each axis. */
  readonly scale: readonly number[];
  /** The position of the first pixel, in the unit of each axis. */
  readonly translation: readonly number[];
  /** Null where the array is missing or cannot be understood. */
  readonly array: ArrayReport | null;
}

/** One array: how it is stored, and what of it. */
export interface ArrayReport {
  readonly shape: readonly number[];
  /** The shape of a chunk; inside the shards for a sharded array. */
  readonly chunks: readonly number[];
  /** The shape of a shard; null without shards. */
  readonly shards: readonly number[] | null;
  /** The name of the data type in Zarr v3, as in `uint16`. */
  readonly dtype: string;
  /** By name, in the order of encoding; those inside the shards for a sharded array. */
  readonly codecs: readonly string[];
  /** How the file stores them where codecs do not say it, as `LZW, decoded when read`; null for Zarr. */
  readonly encoding: string | null;
  /** The number of chunks, or shards, that are stored; the others consist of the fill value. */
  readonly storedObjects: number | null;
  /** The number of chunks, or shards, that the shape has. */
  readonly allObjects: number;
  readonly storedBytes: number | null;
  /** Null for data types without a fixed size; digits in a string above 2^53 − 1. */
  readonly uncompressedBytes: number | string | null;
}

/** A scene of OME-Zarr 0.6: how images are positioned relative to each other. */
export interface SceneReport {
  /** The coordinate systems of the scene itself. */
  readonly coordinateSystems: readonly {
    readonly name: string | null;
    readonly axes: readonly Nullable<Axis>[];
  }[];
  readonly transformations: readonly {
    readonly name: string | null;
    readonly type: string | null;
    /** A coordinate system of the image at `path`, or of the scene itself where `path` is null. */
    readonly input: Nullable<SceneEnd>;
    readonly output: Nullable<SceneEnd>;
  }[];
}

/** A plate of high-content screening. */
export interface PlateReport {
  /** The names of all rows, also of those without wells. */
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  readonly wells: readonly WellReport[];
  readonly acquisitions: readonly Nullable<Acquisition>[];
}

/** One well of a plate. */
export interface WellReport {
  readonly path: string;
  /** The index in `rows` of the plate. */
  readonly row: number;
  /** The index in `columns` of the plate. */
  readonly column: number;
  /** Null where the well's own metadata is missing or cannot be understood. */
  readonly fields: readonly { readonly path: string; readonly acquisition: number | null }[] | null;
}

/** One node of the Zarr hierarchy. */
export interface NodeReport {
  readonly path: string;
  /** Its kind in OME-Zarr where that was read; otherwise `group`, `array` or `broken`. */
  readonly kind: OmeNode["kind"] | "broken";
  /** Null for groups. */
  readonly shape: readonly number[] | null;
  /** Null for groups. */
  readonly dtype: string | null;
}

/** `T` with null instead of undefined, which JSON does not have. */
export type Nullable<T> = { readonly [Key in keyof T]: Exclude<T[Key], undefined> | NullFor<T[Key]> };

type NullFor<T> = undefined extends T ? null : never;
