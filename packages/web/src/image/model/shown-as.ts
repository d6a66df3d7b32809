import type { OpenImage } from "@ozx/core";
import type { Projection } from "../tiles/image-plane.js";
import { largestLevel } from "./largest-level.js";

/** The slice, the volume, or the slice with the planes across it. */
export type ViewMode = "plane" | "volume" | "sides";

/** What a ray through a volume shows of the values along it: the largest, the smallest, or all, the nearest in front. */
export type RayMode = "max" | "min" | "add";

/** How a volume is turned. */
export interface Orbit {
  /** In degrees: up and down, and around. */
  readonly tilt: number;
  readonly turn: number;
  /** As a power of two; 0 shows all of it. */
  readonly zoom: number;
}

/** The part of a volume that is drawn, in pixels of the largest level, ends exclusive. Axes without a range are whole. */
export type Clip = Readonly<Partial<Record<"x" | "y" | "z", readonly [number, number]>>>;

/** Which view of an image is shown, and what belongs to each. */
export interface ShownAs {
  readonly mode: ViewMode;
  readonly projection: Projection | undefined;
  readonly ray: RayMode;
  readonly clip: Clip;
  /** Undefined for the one at first. */
  readonly orbit: Orbit | undefined;
  /** The pixel of the largest level where the planes of `sides` cross; undefined for the middle. */
  readonly cross: { readonly x: number; readonly y: number } | undefined;
}

export const SHOWN_AT_FIRST: ShownAs = {
  mode: "plane",
  projection: undefined,
  ray: "max",
  clip: {},
  orbit: undefined,
  cross: undefined,
};

/** The number of pixels of the largest level along an axis; 1 where the image has no such axis. */
export function extentAlong(image: OpenImage, axis: string): number {
  const at = image.axes.findIndex(({ name }) => name.toLowerCase() === axis);
  return largestLevel(image).shape[at] ?? 1;
}
