import type { OzxErrorTag } from "../errors.js";
import type { Finding } from "../findings.js";
import type { Acquisition, Axis, Channel, OmeNode, SceneEnd } from "../ome/model.js";

/**
 * What there is to say about a hierarchy without reading its pixels. Members are added, and never renamed or
 * removed: `ozx info --json` prints them. What is not known is null.
 *
 * @module
 */
export interface ErrorReport {
  readonly kind: OzxErrorTag;
  readonly message: string;
}

/** What a hierarchy holds, wherever it lies. */
export interface HierarchyReport {
  /** The id of the container, as in `directory` or `zip`. */
  readonly container: string;
  readonly kind: OmeNode["kind"];
  readonly omeVersion: string | null;
  readonly zarrFormat: 2 | 3;
  readonly name: string | null;
  /**
   * Keys of the store, and the bytes of their values; an archive's own size is in `archive`. Null, as all that is
   * stored, for a folder on a server, which does not list what it has.
   */
  readonly entries: number | null;
  readonly bytes: number | null;
  /** All images, in the order of the metadata; label images are in the images that they belong to. */
  readonly images: readonly (ImageReport | FailedImage)[];
  readonly plate: PlateReport | null;
  readonly scene: SceneReport | null;
  /** For bioformats2raw: where the order of the images comes from. */
  readonly seriesOrder: "series" | "ome-xml" | "names" | null;
  /** For a plain array. */
  readonly array: ArrayReport | null;
  readonly nodes: readonly NodeReport[];
  /** Nodes whose metadata cannot be understood. */
  readonly broken: readonly { readonly path: string; readonly error: ErrorReport }[];
  readonly problems: readonly Finding[];
}

export interface FailedImage {
  readonly path: string;
  readonly error: ErrorReport;
}

export interface ImageReport {
  readonly path: string;
  readonly error: null;
  readonly kind: "image" | "label-image";
  readonly omeVersion: string;
  readonly name: string | null;
  /** How many the image has; what follows is the first. */
  readonly multiscales: number;
  readonly axes: readonly Nullable<Axis>[];
  readonly levels: readonly LevelReport[];
  readonly channels: readonly Nullable<Channel>[];
  readonly labels: readonly (ImageReport | FailedImage)[];
}

export interface LevelReport {
  readonly path: string;
  /** Units a pixel and position of the first pixel, one number an axis. */
  readonly scale: readonly number[];
  readonly translation: readonly number[];
  /** Null where the array is missing or cannot be understood. */
  readonly array: ArrayReport | null;
}

export interface ArrayReport {
  readonly shape: readonly number[];
  readonly chunks: readonly number[];
  /** Null without shards. */
  readonly shards: readonly number[] | null;
  readonly dtype: string;
  /** By name, in the order of encoding; those inside the shards for a sharded array. */
  readonly codecs: readonly string[];
  /** Chunks, or shards, that are stored, of how many; those that are not are the fill value. */
  readonly storedObjects: number | null;
  readonly allObjects: number;
  readonly storedBytes: number | null;
  /** Null for data types without a fixed size; a text of digits beyond 2^53. */
  readonly uncompressedBytes: number | string | null;
}

/** 0.6: how images are placed beside each other. */
export interface SceneReport {
  /** Those of the scene itself. */
  readonly coordinateSystems: readonly {
    readonly name: string | null;
    readonly axes: readonly Nullable<Axis>[];
  }[];
  readonly transformations: readonly {
    readonly name: string | null;
    readonly type: string | null;
    /** A coordinate system, of the image at `path`, or of the scene itself where it is null. */
    readonly input: Nullable<SceneEnd>;
    readonly output: Nullable<SceneEnd>;
  }[];
}

export interface PlateReport {
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  readonly wells: readonly WellReport[];
  readonly acquisitions: readonly Nullable<Acquisition>[];
}

export interface WellReport {
  readonly path: string;
  /** Positions in `rows` and `columns`. */
  readonly row: number;
  readonly column: number;
  /** Null where the well's own metadata is missing or cannot be understood. */
  readonly fields: readonly { readonly path: string; readonly acquisition: number | null }[] | null;
}

/** One node of the Zarr hierarchy. */
export interface NodeReport {
  readonly path: string;
  /** What it is in OME-Zarr where that was looked at, otherwise `group`, `array` or `broken`. */
  readonly kind: OmeNode["kind"] | "broken";
  /** Of arrays. */
  readonly shape: readonly number[] | null;
  readonly dtype: string | null;
}

/** The members of `T` with null where they may be undefined, which JSON does not have. */
export type Nullable<T> = { readonly [Key in keyof T]: Exclude<T[Key], undefined> | NullFor<T[Key]> };

type NullFor<T> = undefined extends T ? null : never;
