import { depthAxis, levelFor, type Pyramid, placeImage } from "../tiles/image-plane.js";
import type { Slice } from "../tiles/read-tile.js";

type SideAxis = "x" | "y" | "z";

/** A plane of the orthogonal views, and the axes that are drawn to the right and downwards. */
export interface SidePlane {
  readonly id: "xy" | "xz" | "zy";
  readonly pyramid: Pyramid;
  readonly right: SideAxis;
  readonly down: SideAxis;
  /** Binary logarithm of the size of its unit, in pixels of the largest level along x. */
  readonly unit: number;
}

/** A pixel of the largest level. */
export type Position = Readonly<Record<SideAxis, number>>;

/** The plane that an image shows, and the two planes across it. */
export interface SidePlanes {
  readonly planes: readonly [xy: SidePlane, xz: SidePlane, zy: SidePlane];
  /** Extents in units of the first plane. */
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  /** Numbers of pixels of the largest level. */
  readonly size: Position;
  /** The names of the axes in the image. */
  readonly names: Readonly<Record<SideAxis, string>>;
}

/** Why there are no planes across: a sentence. */
export interface NoSides {
  readonly reason: string;
}

/** The most chunks that are read for a plane across the chunks. */
const MAX_CHUNKS = 4096;

/** Pixels of the screen that a plane is drawn with, at least, when all of it is shown. */
const EXTENT = 512;

/** The orthogonal planes of an image; undefined for images without depth. */
export function sidePlanes(xy: Pyramid): SidePlanes | NoSides | undefined {
  const { image, roles, first } = xy;
  const depth = depthAxis(xy);
  if (depth === undefined || (first.shape[depth] ?? 1) < 2) return undefined;
  const nameOf = (at: number): string => image.axes[at]?.name ?? "";
  const names = { x: nameOf(roles.x), y: nameOf(roles.y), z: nameOf(depth) };
  const xz = placeImage(image, undefined, { x: names.x, y: names.z });
  const zy = placeImage(image, undefined, { x: names.z, y: names.y });
  const size = { x: first.shape[roles.x] ?? 1, y: first.shape[roles.y] ?? 1, z: first.shape[depth] ?? 1 };
  const chunks = Math.max(chunksOf(xz), chunksOf(zy));
  if (chunks > MAX_CHUNKS) {
    const reason = `No planes along z: ${chunks} chunks would be read for one of them. "ozx convert --chunks z=32" makes them fewer.`;
    return { reason };
  }
  const deep = Math.log2(xz.height / size.z);
  return {
    planes: [
      { id: "xy", pyramid: xy, right: "x", down: "y", unit: 0 },
      { id: "xz", pyramid: xz, right: "x", down: "z", unit: 0 },
      { id: "zy", pyramid: zy, right: "z", down: "y", unit: deep },
    ],
    ...{ width: xy.width, height: xy.height, depth: xz.height, size, names },
  };
}

/** The chunks that are read to draw all of a plane on a small part of the screen. */
function chunksOf(pyramid: Pyramid): number {
  const { level } = levelFor(pyramid, EXTENT / Math.max(pyramid.width, pyramid.height));
  const { x, y } = pyramid.roles;
  const along = (at: number): number => Math.ceil((level.shape[at] ?? 1) / (level.chunks[at] ?? 1));
  return along(x) * along(y);
}

/** The slice of a plane that goes through a position. */
export function sliceThrough(
  { right, down }: SidePlane,
  slice: Slice,
  names: SidePlanes["names"],
  at: Position,
): Slice {
  const own: Record<string, number> = { ...slice };
  for (const axis of ["x", "y", "z"] as const) {
    if (axis === right || axis === down) delete own[names[axis]];
    else own[names[axis]] = at[axis];
  }
  return own;
}

/** The point of a plane in the middle of a pixel. */
export function pointOf({ pyramid, right, down }: SidePlane, size: Position, at: Position) {
  return { x: at[right] + 0.5, y: ((at[down] + 0.5) * pyramid.height) / size[down] };
}

/** The pixel at a point of a plane, with the position along the axis across it. */
export function positionAt(
  { pyramid, right, down }: SidePlane,
  size: Position,
  point: { readonly x: number; readonly y: number },
  from: Position,
): Position {
  const within = (value: number, axis: SideAxis): number =>
    Math.max(0, Math.min(size[axis] - 1, Math.floor(value)));
  return {
    ...from,
    [right]: within(point.x, right),
    [down]: within((point.y * size[down]) / pyramid.height, down),
  };
}
