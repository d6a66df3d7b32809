import type { PixelValues, ReadOptions } from "@ozx/core";
import { stridesOf, toPixelBlock } from "@ozx/core/internal";
import type { Pyramid } from "../tiles/image-plane.js";
import type { Slice } from "../tiles/read-tile.js";
import type { VolumeLevel } from "./volume-level.js";

/** The most voxels that are read at once, and of how many reads. */
const MAX_SLAB = 2 ** 23;
const MAX_READS = 4;

interface VolumeSelection {
  /** The position along the axes that are not drawn. */
  readonly slice: Slice;
  readonly channel: number;
  /** Turns a value into the number that is kept. */
  readonly convert?: (value: number | bigint) => number;
}

/**
 * Reads one channel: plane after plane, the rows of each from bottom to top, as Viv expects them. NaN becomes the
 * smallest value, as it would make voxels beside it NaN too.
 */
export async function readVolume(
  volume: VolumeLevel,
  { image, roles }: Pyramid,
  { slice, channel, convert = Number }: VolumeSelection,
  options?: ReadOptions,
): Promise<Float32Array> {
  const { level, z, width, height, depth } = volume;
  const selection: Record<string, number | readonly [number, number]> = {};
  for (const [at, { name }] of image.axes.entries()) {
    if (at === roles.channel) selection[name] = channel;
    else if (at !== roles.x && at !== roles.y && at !== z) selection[name] = slice[name] ?? 0;
  }
  const drawn = [roles.x, roles.y, z].sort((a, b) => a - b);
  const values = new Float32Array(width * height * depth);
  const slabs = slabsOf(volume, (level.shape[roles.x] ?? 1) * (level.shape[roles.y] ?? 1));
  const readSlab = async (range: readonly [number, number]): Promise<void> => {
    const { data, shape } = toPixelBlock(
      await level.read({ ...selection, [image.axes[z]?.name ?? "z"]: range }, options),
    );
    const strides = stridesOf(shape, 1);
    const [x = 1, y = 1, deep = 1] = [roles.x, roles.y, z].map((axis) => strides[drawn.indexOf(axis)]);
    copySlab(volume, { data, strides: [x, y, deep], range, convert }, values);
  };
  for (let at = 0; at < slabs.length; at += MAX_READS) {
    await Promise.all(slabs.slice(at, at + MAX_READS).map(readSlab));
  }
  return withoutNaN(values);
}

/** The ranges along z that are read: whole chunks, so that none is decoded twice, unless they are too large. */
function slabsOf({ level, z, steps: [, , step] }: VolumeLevel, plane: number): [number, number][] {
  const [whole, chunk] = [level.shape[z] ?? 1, level.chunks[z] ?? 1];
  const most = Math.max(1, Math.floor(MAX_SLAB / plane));
  const chunks = Math.floor(most / chunk);
  const extent = chunks === 0 ? 1 : step === 1 ? chunks * chunk : chunk;
  const slabs: [number, number][] = [];
  for (let start = 0; start < whole; start += extent) {
    const end = Math.min(whole, start + extent);
    const first = Math.ceil(start / step) * step;
    if (first < end) slabs.push([first, end]);
  }
  return slabs;
}

interface Slab {
  readonly data: PixelValues;
  /** Along x, y and z. */
  readonly strides: readonly [number, number, number];
  readonly range: readonly [number, number];
  readonly convert: (value: number | bigint) => number;
}

function copySlab(
  { steps, width, height }: VolumeLevel,
  { data, strides, range: [first, end], convert }: Slab,
  values: Float32Array,
): void {
  for (let z = first; z < end; z += steps[2]) {
    let to = (z / steps[2]) * width * height;
    for (let y = height - 1; y >= 0; y--) {
      const from = (z - first) * strides[2] + y * steps[1] * strides[1];
      for (let x = 0; x < width; x++) values[to++] = convert(data[from + x * steps[0] * strides[0]] ?? 0);
    }
  }
}

function withoutNaN(values: Float32Array): Float32Array {
  if (!values.some(Number.isNaN)) return values;
  let least = Infinity;
  for (const value of values) if (value < least) least = value;
  return values.map((value) => (Number.isNaN(value) ? Math.min(least, 3e38) : value));
}
