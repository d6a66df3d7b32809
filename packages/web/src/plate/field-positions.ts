import type { OpenImage } from "@ozx/core";
import { largestLevel } from "../image/model/largest-level.js";
import { axisRoles, type Rectangle } from "../image/tiles/image-plane.js";

/** Where the fields of a well lie, in the units of their axes, and the rectangle around all of them. */
export interface FieldPositions {
  readonly fields: readonly Rectangle[];
  readonly around: Rectangle;
  /** Whether the metadata has the positions; otherwise they are side by side. */
  readonly isKnown: boolean;
}

/** The positions of fields by the translations of their largest levels. */
export function fieldPositions(images: readonly OpenImage[]): FieldPositions {
  const placed = images.map(boundsOf);
  const starts = new Set(placed.map(({ left, top }) => `${left} ${top}`));
  const isKnown = starts.size === placed.length;
  const fields = isKnown ? placed : sideBySide(placed);
  const around = {
    left: Math.min(...fields.map(({ left }) => left)),
    top: Math.min(...fields.map(({ top }) => top)),
    right: Math.max(...fields.map(({ right }) => right)),
    bottom: Math.max(...fields.map(({ bottom }) => bottom)),
  };
  return { fields, around, isKnown };
}

function boundsOf(image: OpenImage): Rectangle {
  const { shape, scale, translation } = largestLevel(image);
  const { x, y } = axisRoles(image.axes);
  const [left, top] = [translation[x] ?? 0, translation[y] ?? 0];
  const extent = (axis: number): number => (shape[axis] ?? 1) * Math.abs(scale[axis] ?? 1);
  return { left, top, right: left + extent(x), bottom: top + extent(y) };
}

/** In rows, about as many as there are columns, with a gap of a fiftieth. */
function sideBySide(placed: readonly Rectangle[]): Rectangle[] {
  const columns = Math.ceil(Math.sqrt(placed.length));
  const width = Math.max(...placed.map(({ left, right }) => right - left)) * 1.02;
  const height = Math.max(...placed.map(({ top, bottom }) => bottom - top)) * 1.02;
  return placed.map(({ left, top, right, bottom }, at) => {
    const [x, y] = [(at % columns) * width, Math.floor(at / columns) * height];
    return { left: x, top: y, right: x + right - left, bottom: y + bottom - top };
  });
}
