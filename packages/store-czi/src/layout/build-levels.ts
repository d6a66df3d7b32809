import type { PlaneSizes } from "@ozx/virtual";
import type { DirectoryEntry } from "../parse/directory-entry.js";
import { coversPlanes } from "./cover-planes.js";
import { refused } from "./group-scenes.js";
import type { CziLevel, Tile } from "./layout.js";
import { factorsOf, isFull } from "./pyramid-factor.js";

/** The axes of planes, and what is at the resolutions of an image. */
export interface SceneLevels {
  readonly sizes: PlaneSizes;
  /** The starts along c in the file, by the index along c. */
  readonly channelStarts: readonly number[];
  /** Where the first pixel is, in pixels of the full resolution. */
  readonly origin: { readonly x: number; readonly y: number };
  /** The full resolution first. */
  readonly levels: readonly CziLevel[];
  /** How many levels, and parts of some, the file has and the image has not. */
  readonly leftOut: number;
  /** Planes that were never written. */
  readonly missing: number;
}

type Axis = "T" | "C" | "Z";

/** Planes that can be told apart: more than fit into memory are a lie. */
const MOST_PLANES = 2 ** 31;

/**
 * Finds the planes of an image, and puts its tiles where they belong: nothing but the directory says how large it is.
 *
 * @param name of the file, in errors
 * @throws UnsupportedError where there is no full resolution
 */
export function buildLevels(entries: readonly DirectoryEntry[], name: string): SceneLevels {
  const full = entries.filter(isFull);
  if (full.length === 0) {
    throw refused(name, "pixels of which only reduced ones are stored", "save it with ZEN");
  }
  const starts = { T: startsOf(full, "T"), C: startsOf(full, "C"), Z: startsOf(full, "Z") };
  const sizes = { t: starts.T.length, c: starts.C.length, z: starts.Z.length };
  if (sizes.t * sizes.c * sizes.z > MOST_PLANES) {
    throw refused(name, `${sizes.t * sizes.c * sizes.z} planes`, "save it in parts with ZEN");
  }
  const indexOf = (axis: Axis): ReadonlyMap<number, number> =>
    new Map(starts[axis].map((start, k) => [start, k]));
  const index = { T: indexOf("T"), C: indexOf("C"), Z: indexOf("Z") };
  const planeOf = ({ start }: DirectoryEntry): number | undefined => {
    const [t, c, z] = (["T", "C", "Z"] as const).map((axis) => index[axis].get(start[axis] ?? 0));
    return t === undefined || c === undefined || z === undefined
      ? undefined
      : (t * sizes.c + c) * sizes.z + z;
  };
  const box = boxOf(full);
  const levelOf = (factor: number, tiles: readonly DirectoryEntry[]): CziLevel => ({
    factor,
    width: Math.ceil(box.width / factor),
    height: Math.ceil(box.height / factor),
    planes: paintOrder(tiles, planeOf, (at, axis) => Math.round((at - box[axis]) / factor)),
  });
  const top = levelOf(1, full);
  const reduced = byFactor(entries.filter((entry) => !isFull(entry)));
  const levels = [...reduced.known]
    .sort(([a], [b]) => a - b)
    .map(([factor, tiles]) => levelOf(factor, tiles))
    .filter((level) => coversPlanes(level, top));
  return {
    sizes,
    channelStarts: starts.C,
    origin: { x: box.x, y: box.y },
    levels: [top, ...levels],
    leftOut: reduced.known.size - levels.length + (reduced.unknown > 0 ? 1 : 0),
    missing: sizes.t * sizes.c * sizes.z - top.planes.size,
  };
}

/** The places of tiles along an axis, which need not start at 0 nor follow one another. */
function startsOf(entries: readonly DirectoryEntry[], axis: Axis): number[] {
  return [...new Set(entries.map(({ start }) => start[axis] ?? 0))].sort((a, b) => a - b);
}

/** The rectangle around tiles. */
function boxOf(entries: readonly DirectoryEntry[]): Record<"x" | "y" | "width" | "height", number> {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { x, y, width, height } of entries) {
    left = Math.min(left, x);
    top = Math.min(top, y);
    right = Math.max(right, x + width);
    bottom = Math.max(bottom, y + height);
  }
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** Reduced tiles by their factors. Those that may have several have the one that larger tiles have. */
function byFactor(entries: readonly DirectoryEntry[]): {
  readonly known: ReadonlyMap<number, readonly DirectoryEntry[]>;
  readonly unknown: number;
} {
  const known = new Map<number, DirectoryEntry[]>();
  let unknown = 0;
  const sideOf = ({ storedWidth, storedHeight }: DirectoryEntry): number =>
    Math.max(storedWidth, storedHeight);
  for (const entry of [...entries].sort((a, b) => sideOf(b) - sideOf(a))) {
    const factors = factorsOf(entry);
    const factor = factors.find((one) => known.has(one)) ?? factors[0];
    if (factor === undefined) {
      unknown++;
      continue;
    }
    const tiles = known.get(factor) ?? [];
    tiles.push(entry);
    known.set(factor, tiles);
  }
  return { known, unknown };
}

/** The tiles of each plane in the order in which they are painted: those without M first, and then by M. */
function paintOrder(
  entries: readonly DirectoryEntry[],
  planeOf: (entry: DirectoryEntry) => number | undefined,
  placeOf: (at: number, axis: "x" | "y") => number,
): Map<number, Tile[]> {
  const orderOf = ({ start }: DirectoryEntry): number => start.M ?? -Infinity;
  const sorted = [...entries].sort((a, b) => {
    const [one, other] = [orderOf(a), orderOf(b)];
    return one === other ? a.index - b.index : one - other;
  });
  const planes = new Map<number, Tile[]>();
  for (const entry of sorted) {
    const plane = planeOf(entry);
    // Of a plane that has no full resolution.
    if (plane === undefined) continue;
    const { index, position, pixelType, compression, storedWidth, storedHeight } = entry;
    const [x, y] = [placeOf(entry.x, "x"), placeOf(entry.y, "y")];
    const tile = { index, position, pixelType, compression, x, y, width: storedWidth, height: storedHeight };
    const tiles = planes.get(plane);
    if (tiles === undefined) planes.set(plane, [tile]);
    else tiles.push(tile);
  }
  return planes;
}
