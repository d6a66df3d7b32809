import type { OpenImage } from "@ozx/core";
import { formatNumber, unitSymbol } from "@ozx/core/internal";
import { largestLevel } from "../model/largest-level.js";
import { axisRoles } from "../tiles/image-plane.js";
import type { Mark, Position } from "./marks.js";

/** The size of a pixel, in the unit of both axes; 1 and `px` where they have none in common. */
export interface PixelSize {
  readonly x: number;
  readonly y: number;
  /** Its symbol. */
  readonly unit: string;
}

/** The size of a pixel of an image. */
export function pixelSize(image: OpenImage): PixelSize {
  const { axes } = image;
  const { x, y } = axisRoles(axes);
  const { scale } = largestLevel(image);
  const unit = axes[x]?.unit;
  if (unit === undefined || unit !== axes[y]?.unit) return { x: 1, y: 1, unit: "px" };
  return { x: Math.abs(scale[x] ?? 1), y: Math.abs(scale[y] ?? 1), unit: unitSymbol(unit) };
}

/** What is measured of a mark: of a point nothing, of a line its length, of others their area. */
export interface Measures {
  readonly length?: number;
  readonly area?: number;
}

/** Measures a mark, in the unit of the pixel size. */
export function measure({ kind, positions }: Mark, { x, y }: PixelSize): Measures {
  const scaled = positions.map(([right, down]): Position => [right * x, down * y]);
  const [[left, top] = [0, 0], [right, bottom] = [0, 0]] = scaled;
  if (kind === "line") return { length: Math.hypot(right - left, bottom - top) };
  if (kind === "box") return { area: Math.abs((right - left) * (bottom - top)) };
  return kind === "area" ? { area: areaOf(scaled) } : {};
}

/** The area of a polygon, by the shoelace formula. */
function areaOf(positions: readonly Position[]): number {
  let twice = 0;
  for (const [at, [x, y]] of positions.entries()) {
    const [nextX, nextY] = positions[(at + 1) % positions.length] ?? [0, 0];
    twice += x * nextY - nextX * y;
  }
  return Math.abs(twice) / 2;
}

/** A mark in words: `Line, 12.5 µm`, `Box, 40 µm²`, `Point, 3, 4 µm`. */
export function describeMark(mark: Mark, size: PixelSize): string {
  const { length, area } = measure(mark, size);
  const name = mark.kind.replace(/^./, (first) => first.toUpperCase());
  if (length !== undefined) return `${name}, ${rounded(length)} ${size.unit}`;
  if (area !== undefined) return `${name}, ${rounded(area)} ${size.unit}²`;
  const [x, y] = mark.positions[0] ?? [0, 0];
  return `${name}, ${rounded(x * size.x)}, ${rounded(y * size.y)} ${size.unit}`;
}

function rounded(value: number): string {
  return formatNumber(Number(value.toPrecision(4)));
}

/**
 * Marks as GeoJSON (RFC 7946), as QuPath and napari plugins read it: positions are pixels of the largest level, y down;
 * lengths and areas are properties in the unit that is named with them.
 */
export function toGeoJson(marks: readonly Mark[], size: PixelSize): string {
  const features = marks.map((mark, at) => ({
    type: "Feature",
    id: at + 1,
    geometry: geometryOf(mark),
    properties: { kind: mark.kind, ...measure(mark, size), unit: size.unit },
  }));
  return JSON.stringify({ type: "FeatureCollection", features }, undefined, 2);
}

function geometryOf({ kind, positions }: Mark): object {
  if (kind === "point") return { type: "Point", coordinates: positions[0] };
  if (kind === "line") return { type: "LineString", coordinates: positions };
  const ring = kind === "box" ? cornersOf(positions) : positions;
  return { type: "Polygon", coordinates: [[...ring, ring[0]]] };
}

/** The four corners of a box. */
export function cornersOf([from = [0, 0], to = [0, 0]]: readonly Position[]): readonly Position[] {
  return [from, [to[0], from[1]], to, [from[0], to[1]]];
}
