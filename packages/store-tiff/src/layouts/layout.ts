import type { Finding, JsonObject, ReadOptions } from "@ozx/core";
import type { ImageMetadata, PlateLayout } from "@ozx/virtual";
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
export interface TiffImage extends ImageMetadata {
  /** From the full resolution down; at least one. */
  readonly levels: readonly ImageLevel[];
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
