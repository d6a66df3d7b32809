import type { TransferSelection } from "@ozx/convert";
import { largestLevel } from "../image/model/largest-level.js";
import type { Pyramid, Rectangle } from "../image/tiles/image-plane.js";

/** Positions along an axis, from `start` up to, but not including, `stop`. */
export interface AxisRange {
  readonly axis: string;
  readonly size: number;
  readonly start: number;
  readonly stop: number;
}

/** The pixels of the largest level that a part of the plane touches, along its two axes. */
export function drawnRanges({ image, roles, height }: Pyramid, region: Rectangle): AxisRange[] {
  const { shape } = largestLevel(image);
  const rows = shape[roles.y] ?? 1;
  const range = (at: number, from: number, to: number): AxisRange => {
    const size = shape[at] ?? 1;
    const start = Math.max(0, Math.min(size - 1, Math.floor(from)));
    return {
      axis: image.axes[at]?.name ?? "",
      size,
      start,
      stop: Math.max(start + 1, Math.min(size, Math.ceil(to))),
    };
  };
  const stretch = rows / height;
  return [
    range(roles.x, region.left, region.right),
    range(roles.y, region.top * stretch, region.bottom * stretch),
  ];
}

/** All other axes with more than one position, whole. */
export function otherRanges({ image, roles }: Pyramid): AxisRange[] {
  const { shape } = largestLevel(image);
  return image.axes.flatMap(({ name }, at) => {
    const size = shape[at] ?? 1;
    return at === roles.x || at === roles.y || size < 2 ? [] : [{ axis: name, size, start: 0, stop: size }];
  });
}

/** The selection of one image of a hierarchy, with its label images; whole axes are left out. */
export function selectionOf(path: string, ranges: readonly AxisRange[]): TransferSelection {
  const cut = ranges.filter(({ start, stop, size }) => start > 0 || stop < size);
  return {
    path: path === "/" ? undefined : path.slice(1),
    ranges: Object.fromEntries(cut.map(({ axis, start, stop }) => [axis, { start, stop }])),
  };
}
