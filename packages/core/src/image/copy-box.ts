/** A box of elements that lies in two arrays. Extents are in elements, all else in bytes. */
export interface Box {
  readonly itemSize: number;
  readonly extents: readonly number[];
  /** Where its first element is. */
  readonly fromStart: number;
  readonly toStart: number;
  /** From one element to the next along each axis. */
  readonly fromStrides: readonly number[];
  readonly toStrides: readonly number[];
}

/** The strides of an array in C order, in bytes. */
export function stridesOf(shape: readonly number[], itemSize: number): number[] {
  const strides = new Array<number>(shape.length);
  let stride = itemSize;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis] ?? 1;
  }
  return strides;
}

/**
 * The strides of an array along its axes, in bytes, where they are stored in another order.
 *
 * @param order the axis of the array that each stored axis is
 */
export function permutedStrides(
  shape: readonly number[],
  order: readonly number[],
  itemSize: number,
): number[] {
  const stored = stridesOf(
    order.map((axis) => shape[axis] ?? 1),
    itemSize,
  );
  const strides = new Array<number>(shape.length).fill(0);
  for (const [k, axis] of order.entries()) strides[axis] = stored[k] ?? 0;
  return strides;
}

/** Copies a box from one array to another: whole rows at once where their elements are adjacent in both. */
export function copyBox(from: Uint8Array, to: Uint8Array, box: Box): void {
  const { itemSize } = box;
  const { outer, inner } = axesOf(box);
  const isRow = inner.from === itemSize && inner.to === itemSize;
  const copy = isRow
    ? rowCopier(from, to, inner.extent * itemSize)
    : elementCopier(from, to, itemSize, inner);
  forEachStart(outer, [box.fromStart, box.toStart], copy);
}

/** Whether a box is one piece of memory in the array that it is copied to, in the order of the other array. */
export function isOnePiece(box: Box): boolean {
  const { outer, inner } = axesOf(box);
  return outer.length === 0 && inner.from === box.itemSize && inner.to === box.itemSize;
}

/** Fills a box with an element. */
export function fillBox(to: Uint8Array, element: Uint8Array, box: Box): void {
  const { itemSize, toStart, toStrides } = box;
  const { outer, inner } = axesOf({ ...box, fromStrides: toStrides });
  const isUniform = element.every((byte) => byte === element[0]);
  const row = inner.extent * itemSize;
  forEachStart(outer, [toStart, toStart], (_, at) => {
    if (inner.to !== itemSize) for (let k = 0; k < inner.extent; k++) to.set(element, at + k * inner.to);
    else if (isUniform) to.fill(element[0] ?? 0, at, at + row);
    else repeat(to.subarray(at, at + row), element);
  });
}

/** Fills a row with an element that it has room for. */
function repeat(row: Uint8Array, element: Uint8Array): void {
  if (row.length > 0) row.set(element);
  // What is filled is doubled.
  for (let filled = element.length; filled < row.length; filled *= 2) {
    row.copyWithin(filled, 0, Math.min(filled, row.length - filled));
  }
}

interface BoxAxis {
  readonly extent: number;
  readonly from: number;
  readonly to: number;
}

type Copier = (fromAt: number, toAt: number) => void;

/** The axes of a box, without those of one element; two that follow each other in both arrays become one. */
function axesOf({ itemSize, extents, fromStrides, toStrides }: Box): {
  readonly outer: readonly BoxAxis[];
  readonly inner: BoxAxis;
} {
  const axes: BoxAxis[] = [];
  for (const [axis, extent] of extents.entries()) {
    if (extent === 1) continue;
    const [from, to] = [fromStrides[axis] ?? 0, toStrides[axis] ?? 0];
    const above = axes.at(-1);
    if (above !== undefined && above.from === from * extent && above.to === to * extent) {
      axes[axes.length - 1] = { extent: above.extent * extent, from, to };
    } else axes.push({ extent, from, to });
  }
  const inner = axes.pop() ?? { extent: 1, from: itemSize, to: itemSize };
  return { outer: axes, inner };
}

function forEachStart(
  axes: readonly BoxAxis[],
  [fromStart, toStart]: readonly [number, number],
  visit: Copier,
): void {
  const walk = (depth: number, fromAt: number, toAt: number): void => {
    const axis = axes[depth];
    if (axis === undefined) visit(fromAt, toAt);
    else for (let k = 0; k < axis.extent; k++) walk(depth + 1, fromAt + k * axis.from, toAt + k * axis.to);
  };
  walk(0, fromStart, toStart);
}

/** `set` with a view costs as much as copying about so many bytes word by word. */
const SHORT_ROW = 256;

function rowCopier(from: Uint8Array, to: Uint8Array, length: number): Copier {
  if (length >= SHORT_ROW) {
    return (fromAt, toAt) => to.set(from.subarray(fromAt, fromAt + length), toAt);
  }
  const unit = [4, 2].find((size) => length % size === 0 && isAligned(from, size) && isAligned(to, size));
  if (unit === undefined) return byteCopier(from, to, length);
  const [source, target] = [viewOf(from, unit), viewOf(to, unit)];
  const bytes = byteCopier(from, to, length);
  return (fromAt, toAt) => {
    if (fromAt % unit !== 0 || toAt % unit !== 0) return bytes(fromAt, toAt);
    const [first, at] = [fromAt / unit, toAt / unit];
    for (let k = 0; k < length / unit; k++) target[at + k] = source[first + k] as number;
  };
}

function byteCopier(from: Uint8Array, to: Uint8Array, length: number): Copier {
  return (fromAt, toAt) => {
    for (let k = 0; k < length; k++) to[toAt + k] = from[fromAt + k] as number;
  };
}

/** Copies elements that are not adjacent. */
function elementCopier(from: Uint8Array, to: Uint8Array, itemSize: number, axis: BoxAxis): Copier {
  // Integers alone, for not every engine leaves the bits of a NaN as they are.
  const unit = [4, 2, 1].find(
    (size) => itemSize % size === 0 && isAligned(from, size) && isAligned(to, size),
  ) as number;
  const [source, target] = [viewOf(from, unit), viewOf(to, unit)];
  const units = itemSize / unit;
  const [fromStep, toStep] = [axis.from / unit, axis.to / unit];
  return (fromAt, toAt) => {
    let [read, write] = [fromAt / unit, toAt / unit];
    for (let k = 0; k < axis.extent; k++) {
      for (let part = 0; part < units; part++) target[write + part] = source[read + part] as number;
      read += fromStep;
      write += toStep;
    }
  };
}

function isAligned({ byteOffset }: Uint8Array, unit: number): boolean {
  return byteOffset % unit === 0;
}

function viewOf(
  { buffer, byteOffset, length }: Uint8Array,
  unit: number,
): Uint8Array | Uint16Array | Uint32Array {
  if (unit === 4) return new Uint32Array(buffer, byteOffset, Math.floor(length / 4));
  if (unit === 2) return new Uint16Array(buffer, byteOffset, Math.floor(length / 2));
  return new Uint8Array(buffer, byteOffset, length);
}
