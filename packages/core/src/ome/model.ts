import type { Finding } from "../findings.js";
import type { AbsolutePath } from "../store/store.js";
import type { JsonObject } from "../zarr/json.js";
import type { ArrayNode } from "../zarr/zarr-node.js";

/** The versions of OME-Zarr that are told apart. 0.6 stands for its release candidates as well. */
export type OmeVersion = "0.1" | "0.2" | "0.3" | "0.4" | "0.5" | "0.6";

export interface Axis {
  readonly name: string;
  /** `space`, `time`, `channel`, or somebody's own; undefined where the metadata does not say. */
  readonly type: string | undefined;
  /** As written, which should be a UDUNITS-2 name (`micrometer`). */
  readonly unit: string | undefined;
}

/** One resolution of an image: a member of `datasets`. */
export interface Level {
  readonly path: AbsolutePath;
  /** Units a pixel, one an axis, with the transformations of the level and of the multiscale in it. */
  readonly scale: readonly number[];
  /** Where the centre of the first pixel is, one number an axis, in the axes' units. */
  readonly translation: readonly number[];
  /** Undefined where the hierarchy has no readable array at the path; `problems` says why. */
  readonly array: ArrayNode | undefined;
  readonly problems: readonly Finding[];
}

export interface Multiscale {
  readonly name: string | undefined;
  /** The method of downscaling, where the metadata says it (`gaussian`). */
  readonly type: string | undefined;
  readonly axes: readonly Axis[];
  /** In the order of the metadata, which must be from the largest to the smallest. */
  readonly levels: readonly Level[];
  /** 0.6: the name of the coordinate system that `axes`, `scale` and `translation` are in. */
  readonly coordinateSystem: string | undefined;
}

/** How a channel asks to be shown (`omero`, "transitional" in the specification). */
export interface Channel {
  readonly label: string | undefined;
  /** Six hexadecimal digits, upper case: `00FFFF`. */
  readonly color: string | undefined;
  readonly window: ChannelWindow | undefined;
  readonly active: boolean;
}

/** `start` and `end` are shown as black and full colour; `min` and `max` bound what a slider offers. */
export interface ChannelWindow {
  readonly start: number;
  readonly end: number;
  readonly min: number;
  readonly max: number;
}

interface OmeBase {
  readonly path: AbsolutePath;
  readonly version: OmeVersion;
  /** What could not be read as it stands, and was left out or filled in. */
  readonly problems: readonly Finding[];
}

interface ImageBase extends OmeBase {
  readonly name: string | undefined;
  /** At least one. Nearly all images have exactly one; the first is the one to show. */
  readonly multiscales: readonly [Multiscale, ...Multiscale[]];
  readonly channels: readonly Channel[];
  /** The planes to show first, and whether channels are meant in grey, as far as the metadata says. */
  readonly defaults: {
    readonly t: number | undefined;
    readonly z: number | undefined;
    readonly model: "color" | "greyscale" | undefined;
  };
  /** The label images that the group `labels` below this image lists. */
  readonly labels: readonly AbsolutePath[];
}

export interface Image extends ImageBase {
  readonly kind: "image";
}

export interface LabelColor {
  readonly value: number | bigint;
  /** Each 0 to 255; undefined where the metadata leaves the colour to the viewer. */
  readonly rgba: readonly [number, number, number, number] | undefined;
}

export interface LabelProperties {
  readonly value: number | bigint;
  readonly properties: JsonObject;
}

/** A segmentation: an image whose pixel values are the numbers of objects. */
export interface LabelImage extends ImageBase {
  readonly kind: "label-image";
  readonly colors: readonly LabelColor[];
  readonly properties: readonly LabelProperties[];
  /** The image it is a segmentation of; undefined where it would lie outside the hierarchy. */
  readonly source: AbsolutePath | undefined;
}

export interface Acquisition {
  readonly id: number;
  readonly name: string | undefined;
  readonly description: string | undefined;
  readonly maximumFieldCount: number | undefined;
  /** Seconds or milliseconds since 1970: the specification says "epoch" and leaves the unit open. */
  readonly startTime: number | undefined;
  readonly endTime: number | undefined;
}

export interface PlateWell {
  readonly path: AbsolutePath;
  /** Positions in the plate's `rows` and `columns`. */
  readonly row: number;
  readonly column: number;
  /** What the well's own metadata lists; undefined where the hierarchy has no readable well at the path. */
  readonly fields: readonly Field[] | undefined;
}

export interface Plate extends OmeBase {
  readonly kind: "plate";
  readonly name: string | undefined;
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  readonly wells: readonly PlateWell[];
  readonly acquisitions: readonly Acquisition[];
  /** The most fields that any well has, as the metadata says it. */
  readonly fieldCount: number | undefined;
}

/** One field of view of a well: the path of an image. */
export interface Field {
  readonly path: AbsolutePath;
  readonly acquisition: number | undefined;
}

export interface Well extends OmeBase {
  readonly kind: "well";
  readonly fields: readonly Field[];
}

/** The images of one file that bioformats2raw converted, in the order of the file's series. */
export interface Bioformats2raw extends OmeBase {
  readonly kind: "bioformats2raw";
  readonly images: readonly AbsolutePath[];
  /** What the order is taken from: the `series` of the group `OME`, its OME-XML, or the names 0, 1, 2 … */
  readonly order: "series" | "ome-xml" | "names";
}

/** The group that lists an image's label images. */
export interface Labels extends OmeBase {
  readonly kind: "labels";
  readonly labels: readonly AbsolutePath[];
}

/** 0.6: a set of axes that positions are told in. */
export interface CoordinateSystem {
  readonly name: string | undefined;
  readonly axes: readonly Axis[];
}

/** A coordinate system that a transformation leads from or to: of the image at `path`, or of the scene itself. */
export interface SceneEnd {
  readonly name: string | undefined;
  readonly path: AbsolutePath | undefined;
}

export interface SceneTransformation {
  readonly name: string | undefined;
  /** As in `translation`, `affine`, `bijection`. Its numbers are in the group's attributes. */
  readonly type: string | undefined;
  readonly input: SceneEnd;
  readonly output: SceneEnd;
}

/** 0.6: images that transformations place beside each other, as tiles or as channels of two microscopes. */
export interface Scene extends OmeBase {
  readonly kind: "scene";
  /** Those of the scene itself. */
  readonly coordinateSystems: readonly CoordinateSystem[];
  readonly transformations: readonly SceneTransformation[];
  /** The images that it places, each once. */
  readonly images: readonly AbsolutePath[];
}

/** A group without OME-Zarr metadata of its own: a plate's row, or somebody's folder of images. */
export interface PlainGroup {
  readonly kind: "group";
  readonly path: AbsolutePath;
  readonly version: undefined;
  readonly problems: readonly Finding[];
  /** The nodes directly below it. */
  readonly children: readonly AbsolutePath[];
}

export interface PlainArray {
  readonly kind: "array";
  readonly path: AbsolutePath;
  readonly version: undefined;
  readonly problems: readonly Finding[];
  readonly array: ArrayNode;
}

/** What a node of a hierarchy is; switch on `kind`. */
export type OmeNode =
  | Image
  | LabelImage
  | Plate
  | Well
  | Bioformats2raw
  | Labels
  | Scene
  | PlainGroup
  | PlainArray;
