import type { JsonObject } from "@ozx/core";

/** The axes of an image, in the order that OME-Zarr asks for. */
export type AxisName = "t" | "c" | "z" | "y" | "x";

/** The number of planes along each axis. A plane of RGB counts once, and has `samples` channels. */
export interface PlaneSizes {
  readonly t: number;
  readonly c: number;
  readonly z: number;
}

/** A length, with a unit from the list of OME-Zarr. */
export interface Quantity {
  readonly value: number;
  readonly unit?: string | undefined;
}

/** The size of a pixel, and the time between two planes. */
export interface ImageScale {
  readonly x?: Quantity | undefined;
  readonly y?: Quantity | undefined;
  readonly z?: Quantity | undefined;
  readonly t?: Quantity | undefined;
}

/** What is known of a channel. */
export interface ChannelMetadata {
  readonly name?: string | undefined;
  /** Six hexadecimal digits. */
  readonly color?: string | undefined;
  /** The values that are shown as black and in full colour. */
  readonly window?: readonly [number, number] | undefined;
}

/** What a file says of an image besides its pixels. */
export interface ImageMetadata {
  readonly name?: string | undefined;
  readonly sizes: PlaneSizes;
  readonly scale?: ImageScale | undefined;
  /** Where the first pixel is, in pixels of the full resolution from the origin that images of the file share. */
  readonly origin?: { readonly x: number; readonly y: number } | undefined;
  /** One for each channel, or none. */
  readonly channels?: readonly ChannelMetadata[] | undefined;
  /** Bits of a sample that are used, where they are fewer than it has. */
  readonly significantBits?: number | undefined;
  /** Further metadata that OME-Zarr has no place for, by the name of what wrote it. */
  readonly attributes?: JsonObject | undefined;
}

/** The size of a resolution. */
export interface LevelSize {
  readonly width: number;
  readonly height: number;
  /**
   * How many pixels of the full resolution one of its pixels stands for; the quotients of the sizes where the file does
   * not say it.
   */
  readonly factor?: { readonly x: number; readonly y: number } | undefined;
}

/** An image with what its documents say of its pixels. */
export interface VirtualImage extends ImageMetadata {
  /** From the full resolution down; at least one. */
  readonly levels: readonly LevelSize[];
  /** Channels of a plane, side by side or in planes of their own. */
  readonly samples: number;
  /** Of a sample, as it is stored. */
  readonly kind: "uint" | "int" | "float";
  readonly bits: number;
  /** Whether the first three samples of a plane are red, green and blue. */
  readonly isRgb: boolean;
}

/** A plate with wells of images. */
export interface PlateLayout {
  readonly name?: string | undefined;
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  readonly wells: readonly WellLayout[];
  readonly acquisitions?: readonly PlateAcquisition[] | undefined;
}

/** A well with its fields. */
export interface WellLayout {
  /** Indices in the rows and columns. */
  readonly row: number;
  readonly column: number;
  readonly fields: readonly FieldLayout[];
}

/** A field of a well. */
export interface FieldLayout {
  /** The index of the image. */
  readonly image: number;
  readonly acquisition?: number | undefined;
}

/** An acquisition of a plate. */
export interface PlateAcquisition {
  readonly id: number;
  readonly name?: string | undefined;
}
