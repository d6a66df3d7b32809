import type { Finding } from "../findings.js";
import type { AbsolutePath } from "../store/store.js";
import type { JsonObject } from "../zarr/json.js";
import type { ArrayNode } from "../zarr/zarr-node.js";

/**
 * A version of OME-Zarr. Release candidates and drafts of a version count as it; the draft 0.9.dev1 (RFC-3 and RFC-4)
 * has rules of its own.
 */
export type OmeVersion = "0.1" | "0.2" | "0.3" | "0.4" | "0.5" | "0.6" | "0.9.dev1";

/** A dimension of an image. */
export interface Axis {
  readonly name: string;
  /** `space`, `time`, `channel` or a custom type; undefined where the metadata does not say. */
  readonly type: string | undefined;
  /** As written, which should be a UDUNITS-2 name (`micrometer`). */
  readonly unit: string | undefined;
  /** Where its positions increase to in a body, as in `left-to-right` (RFC-4); undefined where the metadata does not say. */
  readonly orientation?: string | undefined;
}

/** One resolution level of an image: a member of `datasets`. */
export interface Level {
  readonly path: AbsolutePath;
  /** The size of a pixel along each axis, in the axis' unit, after the transformations of the level and the multiscale. */
  readonly scale: readonly number[];
  /** The position of the centre of the first pixel along each axis, in the axis' unit. */
  readonly translation: readonly number[];
  /** Undefined where the hierarchy has no readable array at the path; `problems` says why. */
  readonly array: ArrayNode | undefined;
  readonly problems: readonly Finding[];
}

/** An image at several resolutions: a member of `multiscales`. */
export interface Multiscale {
  readonly name: string | undefined;
  /** The downscaling method, as in `gaussian`; undefined where the metadata does not say. */
  readonly type: string | undefined;
  readonly axes: readonly Axis[];
  /** In the order of the metadata, which must be from the highest resolution to the lowest. */
  readonly levels: readonly Level[];
  /** 0.6: the name of the coordinate system that `axes`, `scale` and `translation` are in. */
  readonly coordinateSystem: string | undefined;
}

/** How a channel is to be displayed (`omero`, "transitional" in the specification). */
export interface Channel {
  readonly label: string | undefined;
  /** Six hexadecimal digits, upper case: `00FFFF`. */
  readonly color: string | undefined;
  readonly window: ChannelWindow | undefined;
  /** Whether the channel is shown at first. */
  readonly active: boolean;
}

/** Values up to `start` are shown as black, from `end` on in full colour; `min` and `max` are the limits of a slider. */
export interface ChannelWindow {
  readonly start: number;
  readonly end: number;
  readonly min: number;
  readonly max: number;
}

interface OmeBase {
  readonly path: AbsolutePath;
  readonly version: OmeVersion;
  /** Invalid parts of the metadata, which were ignored or replaced by defaults. */
  readonly problems: readonly Finding[];
}

interface ImageBase extends OmeBase {
  readonly name: string | undefined;
  /** At least one. Nearly all images have exactly one; show the first. */
  readonly multiscales: readonly [Multiscale, ...Multiscale[]];
  readonly channels: readonly Channel[];
  /** The planes to show first, and whether to show channels in colour; undefined where the metadata does not say. */
  readonly defaults: {
    readonly t: number | undefined;
    readonly z: number | undefined;
    readonly model: "color" | "greyscale" | undefined;
  };
  /** The paths of the label images that the group `labels` below this image lists. */
  readonly labels: readonly AbsolutePath[];
}

/** A group with `multiscales`. */
export interface Image extends ImageBase {
  readonly kind: "image";
}

/** The colour of a label. */
export interface LabelColor {
  /** The label's pixel value. */
  readonly value: number | bigint;
  /** Each 0 to 255; undefined where the metadata leaves the colour to the viewer. */
  readonly rgba: readonly [number, number, number, number] | undefined;
}

/** Properties of a label. */
export interface LabelProperties {
  /** The label's pixel value. */
  readonly value: number | bigint;
  readonly properties: JsonObject;
}

/** A segmentation: an image whose pixel values identify objects. */
export interface LabelImage extends ImageBase {
  readonly kind: "label-image";
  readonly colors: readonly LabelColor[];
  readonly properties: readonly LabelProperties[];
  /** The path of the segmented image; undefined where it leads out of the hierarchy. */
  readonly source: AbsolutePath | undefined;
}

/** An acquisition of a plate. */
export interface Acquisition {
  readonly id: number;
  readonly name: string | undefined;
  readonly description: string | undefined;
  readonly maximumFieldCount: number | undefined;
  /** Since 1970, in seconds or milliseconds: the specification says "epoch" and no unit. */
  readonly startTime: number | undefined;
  readonly endTime: number | undefined;
}

/** A well as its plate lists it. */
export interface PlateWell {
  readonly path: AbsolutePath;
  /** Indices in the plate's `rows` and `columns`. */
  readonly row: number;
  readonly column: number;
  /** The fields in the well's own metadata; undefined where there is no readable well at the path. */
  readonly fields: readonly Field[] | undefined;
}

/** A multi-well plate. */
export interface Plate extends OmeBase {
  readonly kind: "plate";
  readonly name: string | undefined;
  /** The names of the rows, as in `A`. */
  readonly rows: readonly string[];
  /** The names of the columns, as in `1`. */
  readonly columns: readonly string[];
  readonly wells: readonly PlateWell[];
  readonly acquisitions: readonly Acquisition[];
  /** The largest number of fields of any well, as written. */
  readonly fieldCount: number | undefined;
}

/** One field of view of a well. */
export interface Field {
  /** The path of its image. */
  readonly path: AbsolutePath;
  /** The id of the plate's acquisition. */
  readonly acquisition: number | undefined;
}

/** A well of a plate. */
export interface Well extends OmeBase {
  readonly kind: "well";
  readonly fields: readonly Field[];
}

/** The images of one file that bioformats2raw has converted. */
export interface Bioformats2raw extends OmeBase {
  readonly kind: "bioformats2raw";
  /** The paths of the images, in the order of the file's series. */
  readonly images: readonly AbsolutePath[];
  /** Where the order is from: the `series` of the group `OME`, its OME-XML, or the names 0, 1, 2 … */
  readonly order: "series" | "ome-xml" | "names";
}

/** The group `labels` of an image, which lists its label images. */
export interface Labels extends OmeBase {
  readonly kind: "labels";
  readonly labels: readonly AbsolutePath[];
}

/** 0.6: a set of axes that positions refer to. */
export interface CoordinateSystem {
  readonly name: string | undefined;
  readonly axes: readonly Axis[];
}

/** The input or output of a scene's transformation: a coordinate system of the image at `path`, or of the scene itself. */
export interface SceneEnd {
  readonly name: string | undefined;
  readonly path: AbsolutePath | undefined;
}

/** 0.6: a transformation between coordinate systems of a scene. */
export interface SceneTransformation {
  readonly name: string | undefined;
  /** As in `translation`, `affine`, `bijection`. The parameters are in the group's attributes. */
  readonly type: string | undefined;
  readonly input: SceneEnd;
  readonly output: SceneEnd;
}

/** 0.6: images that transformations place in common coordinate systems, such as tiles, or images of two microscopes. */
export interface Scene extends OmeBase {
  readonly kind: "scene";
  /** The coordinate systems of the scene itself. */
  readonly coordinateSystems: readonly CoordinateSystem[];
  readonly transformations: readonly SceneTransformation[];
  /** The paths of the images that it places, each once. */
  readonly images: readonly AbsolutePath[];
}

/** A group without OME-Zarr metadata of its own: a plate's row, or a folder of images. */
export interface PlainGroup {
  readonly kind: "group";
  readonly path: AbsolutePath;
  readonly version: undefined;
  readonly problems: readonly Finding[];
  /** The paths of the nodes directly below it. */
  readonly children: readonly AbsolutePath[];
}

/** A Zarr array. */
export interface PlainArray {
  readonly kind: "array";
  readonly path: AbsolutePath;
  readonly version: undefined;
  readonly problems: readonly Finding[];
  readonly array: ArrayNode;
}

/** A node of a hierarchy in terms of OME-Zarr; switch on `kind`. */
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
