import { largestLevel } from "../image/model/largest-level.js";
import type { Camera } from "../image/stage/scene.js";
import type { Pyramid } from "../image/tiles/image-plane.js";
import { METRES } from "../image/view/scale-bar.js";

/** An axis of the largest level of an image. */
interface WorldAxis {
  readonly size: number;
  readonly scale: number;
  readonly translation: number;
  readonly unit: string | undefined;
}

function worldAxis({ image }: Pyramid, name: string): WorldAxis | undefined {
  const { shape, scale, translation } = largestLevel(image);
  const at = image.axes.findIndex((axis) => axis.name.toLowerCase() === name.toLowerCase());
  return at < 0
    ? undefined
    : {
        size: shape[at] ?? 1,
        scale: scale[at] ?? 1,
        translation: translation[at] ?? 0,
        unit: image.axes[at]?.unit,
      };
}

/** Two axes of the same name, and how they compare. */
interface AxisPair {
  readonly from: WorldAxis;
  readonly to: WorldAxis;
  /** Whether both have sizes in units that compare. */
  readonly isPhysical: boolean;
  /** Pixels of `to` for each pixel of `from`. */
  readonly ratio: number;
  /** Units of `to` for each unit of `from`. */
  readonly units: number;
}

function pairOf(from: Pyramid, to: Pyramid, name: string): AxisPair | undefined {
  const [a, b] = [worldAxis(from, name), worldAxis(to, name)];
  if (a === undefined || b === undefined) return undefined;
  const [first, second] = [METRES[a.unit ?? ""], METRES[b.unit ?? ""]];
  const units = a.unit === b.unit ? 1 : first !== undefined && second !== undefined ? first / second : 0;
  const ratio = (a.scale * units) / b.scale;
  const isPhysical = a.unit !== undefined && b.unit !== undefined && ratio > 0 && Number.isFinite(ratio);
  return { from: a, to: b, isPhysical, ratio: isPhysical ? ratio : 1, units };
}

/** The pixel of one axis at the place of a pixel of the other, as fractions; the same number without units. */
function pixelAcross({ from, to, isPhysical, units }: AxisPair, pixel: number): number {
  return isPhysical ? ((from.translation + pixel * from.scale) * units - to.translation) / to.scale : pixel;
}

/** As `pixelAcross`, for positions where 0 is the outer corner of the first pixel. */
function cornerAcross(pair: AxisPair, position: number): number {
  // Most writers omit the shift of half a pixel that the centres of larger pixels have.
  const isAtSameStart = pair.from.translation * pair.units === pair.to.translation;
  return isAtSameStart ? position * pair.ratio : pixelAcross(pair, position - 0.5) + 0.5;
}

/** Units of the plane of `to` for each unit of the plane of `from`: of the same length, or else 1. */
export function planeRatio(from: Pyramid, to: Pyramid): number {
  return pairOf(from, to, "x")?.ratio ?? 1;
}

/** Positions of `to` along an axis for each position of `from`. */
export function stepRatio(from: Pyramid, to: Pyramid, axis: string): number {
  return pairOf(from, to, axis)?.ratio ?? 1;
}

/**
 * The camera that shows the same place of another image at the same scale: by the units of both where they have them, or
 * else by pixels of the largest level. Where the other image has no such place, the middles of both are the same place.
 */
export function alignedCamera(from: Pyramid, to: Pyramid, { x, y, zoom }: Camera): Camera {
  const ratio = planeRatio(from, to);
  const [across, down] = [pairOf(from, to, "x"), pairOf(from, to, "y")];
  const stretch = ({ height }: Pyramid, size = 1): number => height / size;
  const right = across === undefined ? x : cornerAcross(across, x);
  const rows = down && cornerAcross(down, y / stretch(from, down.from.size));
  const below = rows === undefined ? y : rows * stretch(to, down?.to.size);
  const isThere = right >= 0 && right <= to.width && below >= 0 && below <= to.height;
  return {
    x: isThere ? right : to.width / 2 + (x - from.width / 2) * ratio,
    y: isThere ? below : to.height / 2 + (y - from.height / 2) * ratio,
    zoom: zoom - Math.log2(ratio),
  };
}

/** The position along an axis at the same place of another image, or the nearest one; undefined without such an axis. */
export function alignedPosition(
  from: Pyramid,
  to: Pyramid,
  axis: string,
  position: number,
): number | undefined {
  const pair = pairOf(from, to, axis);
  if (pair === undefined) return undefined;
  const across = Math.round(pixelAcross(pair, position));
  const isThere = across >= 0 && across < pair.to.size;
  return isThere ? across : within(to, axis, position);
}

/** The nearest position that an image has along an axis. */
export function within(pyramid: Pyramid, axis: string, position: number): number {
  return Math.max(0, Math.min((worldAxis(pyramid, axis)?.size ?? 1) - 1, Math.round(position)));
}
