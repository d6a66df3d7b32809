import { isColour, type LifChannel, type LifDimension, type LifElement } from "../parse/elements.js";

/** Where the pixels of an image are in its block: the address of a value is a sum of steps. */
export interface PixelLayout {
  readonly width: number;
  readonly height: number;
  readonly sizes: { readonly t: number; readonly c: number; readonly z: number };
  /** Bytes from one to the next. */
  readonly steps: { readonly x: number; readonly y: number; readonly z: number; readonly t: number };
  /** The offset of each channel. */
  readonly channels: Float64Array;
  readonly dataType: "uint8" | "uint16" | "uint32" | "float16" | "float32" | "float64";
  /** Bytes of a value. */
  readonly itemSize: number;
  readonly significantBits: number;
  /** Whether the channels of a pixel lie side by side, in the order of the array or another. */
  readonly isInterleaved: boolean;
  /** Tiles of a mosaic, which are images of their own: how many, and bytes from one to the next. */
  readonly tiles: { readonly count: number; readonly step: number };
  /** Channels of the file in the order of the array; each stands for `wavelengths` channels of the array. */
  readonly order: readonly number[];
  readonly wavelengths: number;
}

const AXES: Readonly<Record<number, "x" | "y" | "z" | "t" | "emission" | "excitation" | "tile">> = {
  1: "x",
  2: "y",
  3: "z",
  4: "t",
  5: "emission",
  9: "excitation",
  10: "tile",
};
const NAMES: Readonly<Record<number, string>> = {
  6: "rotation",
  7: "slices of XT",
  8: "slices of T",
  11: "loops",
};
/** The largest number of values along an axis, and of channels: they fit products of two in a number. */
const MOST_ALONG = 2 ** 31;
const MOST_CHANNELS = 65_536;
/** The bytes that the pixels of a row may lie apart: they are read at once. */
const LONGEST_ROW = 64 * 1024 * 1024;

/**
 * The layout of an image's pixels. Every address comes from the steps that the file has (`BytesInc`), and none from an
 * order of dimensions.
 *
 * @returns the layout, or what is not supported, as the end of a sentence about the image
 */
export function pixelLayout({ channels, dimensions }: LifElement): PixelLayout | string {
  const [first] = channels;
  if (first === undefined) return "has no channels";
  const type = dataTypeOf(first);
  if (type === undefined) return `has pixels of ${first.bits}-bit ${first.isFloat ? "float" : "int"} samples`;
  const { dataType, itemSize } = type;
  if (channels.some((channel) => dataTypeOf(channel)?.dataType !== dataType)) {
    return "has channels of different pixel types";
  }
  const found = new Map<string, LifDimension>();
  for (const dimension of dimensions) {
    const { id, count, step } = dimension;
    if (!(count > 0 && count <= MOST_ALONG)) return `has ${count} values along its dimension ${id}`;
    if (Number.isNaN(step)) return `has no bytes from one to the next along its dimension ${id}`;
    if (count === 1 && AXES[id] === undefined) continue;
    const axis = AXES[id];
    if (axis === undefined) return `has a dimension of ${NAMES[id] ?? `the unknown kind ${id}`}`;
    if (found.has(axis)) return `has two dimensions of ${axis}`;
    found.set(axis, dimension);
  }
  if (channels.some(({ offset }) => Number.isNaN(offset)))
    return "has a channel without a place in its pixels";
  const along = (axis: string): { readonly count: number; readonly step: number } =>
    found.get(axis) ?? { count: 1, step: 0 };
  const [x, y, z, t] = [along("x"), along("y"), along("z"), along("t")];
  if (x.count > 1 && x.step < itemSize) return `has ${x.step} bytes from one pixel to the next`;
  if (x.count > 1 && x.step > itemSize * channels.length && (x.count - 1) * x.step > LONGEST_ROW) {
    return `has ${x.step} bytes from one pixel to the next`;
  }
  const still = ["y", "z", "t", "tile"].find((axis) => along(axis).count > 1 && along(axis).step === 0);
  if (still !== undefined) return `has 0 bytes from one to the next along ${still}`;
  const order = channelOrder(channels);
  const [emission, excitation] = [along("emission"), along("excitation")];
  const wavelengths = emission.count * excitation.count;
  if (order.length * wavelengths > MOST_CHANNELS) return `has ${order.length * wavelengths} channels`;
  const offsets = new Float64Array(order.length * wavelengths);
  for (let c = 0; c < offsets.length; c++) {
    const within = c % wavelengths;
    offsets[c] =
      (channels[order[Math.floor(c / wavelengths)] as number] as LifChannel).offset +
      Math.floor(within / emission.count) * excitation.step +
      (within % emission.count) * emission.step;
  }
  return {
    width: x.count,
    height: y.count,
    sizes: { t: t.count, c: offsets.length, z: z.count },
    steps: { x: x.step || itemSize, y: y.step, z: z.step, t: t.step },
    channels: offsets,
    dataType,
    itemSize,
    significantBits: Math.min(...channels.map(({ bits }) => bits)),
    isInterleaved: offsets.length > 1 && offsets.every((offset) => offset + itemSize <= x.step),
    tiles: along("tile"),
    order,
    wavelengths,
  };
}

function dataTypeOf({ bits, isFloat }: LifChannel): Pick<PixelLayout, "dataType" | "itemSize"> | undefined {
  if (isFloat) {
    // What FLIM computes, as lifetimes.
    if (bits === 16) return { dataType: "float16", itemSize: 2 };
    if (bits === 32) return { dataType: "float32", itemSize: 4 };
    return bits === 64 ? { dataType: "float64", itemSize: 8 } : undefined;
  }
  if (bits > 0 && bits <= 8) return { dataType: "uint8", itemSize: 1 };
  if (bits > 8 && bits <= 16) return { dataType: "uint16", itemSize: 2 };
  return bits === 32 ? { dataType: "uint32", itemSize: 4 } : undefined;
}

/** The channels in the order of the file; those of a colour picture as red, green and blue, which their tags say. */
function channelOrder(channels: readonly LifChannel[]): readonly number[] {
  const own = channels.map((_, k) => k);
  if (!isColour(channels)) return own;
  return own.sort((a, b) => (channels[a]?.tag ?? 0) - (channels[b]?.tag ?? 0));
}
