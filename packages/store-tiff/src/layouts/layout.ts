import type { Finding, JsonObject, ReadOptions } from "@ozx/core";
import type { Page } from "../parse/page.js";
import type { TiffFile } from "../read/tiff-file.js";

/** Options of finding out what a TIFF holds. */
export interface LayoutOptions extends ReadOptions {
  /** What the planes of a stack are, as `stackAxes` takes it. */
  readonly axes?: string | undefined;
}

/** What a TIFF, or a set of TIFFs, holds. */
export interface Layout {
  /** What wrote it, for people, as in `OME-TIFF`. */
  readonly title: string;
  /** At least one. */
  readonly images: readonly TiffImage[];
  /** How the images make up a plate; undefined where they do not. */
  readonly plate?: PlateLayout | undefined;
  /** OME-XML, which is kept as it is. */
  readonly omeXml?: Uint8Array | undefined;
  /** Further metadata of the whole, by the name of what wrote it. */
  readonly attributes?: JsonObject | undefined;
  readonly findings: readonly Finding[];
  /** Whether the file leaves open what its planes are, so that axes may be asked for. */
  readonly hasOpenAxes?: boolean | undefined;
  /** Whether planes are in other files too. */
  readonly otherFiles?: boolean | undefined;
}

/** An image: planes along t, c and z, at one or more resolutions. */
export interface TiffImage {
  readonly name?: string | undefined;
  readonly sizes: PlaneSizes;
  /** From the full resolution down; at least one. */
  readonly levels: readonly ImageLevel[];
  readonly scale?: ImageScale | undefined;
  /** One for each channel, or none. */
  readonly channels?: readonly ChannelMetadata[] | undefined;
  /** Bits of a sample that are used, where they are fewer than it has. */
  readonly significantBits?: number | undefined;
  /** Further metadata that OME-Zarr has no place for, by the name of what wrote it. */
  readonly attributes?: JsonObject | undefined;
}

/** The number of planes along each axis. A plane of RGB counts once, and has `samples` channels. */
export interface PlaneSizes {
  readonly t: number;
  readonly c: number;
  readonly z: number;
}

/** One resolution of an image. */
export interface ImageLevel {
  /** A page like all others of the level. */
  readonly page: Page;
  /** The file of that page. */
  readonly file: TiffFile;
  /** Whether all of its pages have the same encoding, so that stored bytes can be used as they are. */
  readonly isUniform: boolean;
  readonly planes: PlaneList;
}

/** The planes of a level, in the order t, c, z with z fastest. */
export interface PlaneList {
  /**
   * Undefined where a plane was never written. A promise where its file is opened first.
   *
   * @throws NotFoundError when its file is missing
   */
  at(index: number, options?: ReadOptions): PlaneRef | undefined | Promise<PlaneRef | undefined>;
}

/** Where a plane is. */
export interface PlaneRef {
  readonly file: TiffFile;
  /** The offset of its IFD. */
  readonly ifd: number;
  /** The page itself, where it is not as its IFD says. */
  readonly page?: Page | undefined;
  /** Which of the SubIFDs of that IFD it is; the page itself where undefined. */
  readonly sub?: number | undefined;
  /** Where its uncompressed pixels start, in one run, where that is known; then no IFD needs to be read. */
  readonly pixels?: number | undefined;
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

export interface ChannelMetadata {
  readonly name?: string | undefined;
  /** Six hexadecimal digits. */
  readonly color?: string | undefined;
  /** The values that are shown as black and in full colour. */
  readonly window?: readonly [number, number] | undefined;
}

/** A plate with wells of images. */
export interface PlateLayout {
  readonly name?: string | undefined;
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  readonly wells: readonly WellLayout[];
  readonly acquisitions?: readonly PlateAcquisition[] | undefined;
}

export interface WellLayout {
  /** Indices in the rows and columns. */
  readonly row: number;
  readonly column: number;
  readonly fields: readonly FieldLayout[];
}

export interface FieldLayout {
  /** The index of the image. */
  readonly image: number;
  readonly acquisition?: number | undefined;
}

export interface PlateAcquisition {
  readonly id: number;
  readonly name?: string | undefined;
}
