import type { Finding, JsonObject } from "@ozx/core";
import type { ImageMetadata, PlateLayout } from "@ozx/virtual";
import type { PixelForm } from "./pixel-form.js";

/** What a CZI holds. */
export interface Layout {
  /** At least one. */
  readonly images: readonly CziImage[];
  /** How the images make up a plate; undefined where they do not. */
  readonly plate?: PlateLayout | undefined;
  /** Metadata of the whole. */
  readonly attributes: JsonObject;
  readonly findings: readonly Finding[];
}

/** A scene, or what of it is at one place along dimensions that OME-Zarr has no axis for. */
export interface CziImage extends ImageMetadata {
  readonly form: PixelForm;
  /** From the full resolution down; at least one. */
  readonly levels: readonly CziLevel[];
}

/** One resolution of an image. */
export interface CziLevel {
  /** How many pixels of the full resolution one of its pixels stands for. */
  readonly factor: number;
  readonly width: number;
  readonly height: number;
  /** The tiles of each plane that has some, by its index in the order t, c, z; the last one is painted last. */
  readonly planes: ReadonlyMap<number, readonly Tile[]>;
}

/** A rectangle of a plane. */
export interface Tile {
  /** Its index in the directory, for messages. */
  readonly index: number;
  /** Where its subblock is. */
  readonly position: number;
  readonly pixelType: number;
  readonly compression: number;
  /** In pixels of its level. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
